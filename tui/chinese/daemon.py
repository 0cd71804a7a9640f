"""What the daemon says: the doctor's findings, why there is no worker, why a job failed, what settings take."""

from typing import Final

DOCTOR: Final[dict[str, str]] = {
    "No speech was found in the clip.": "录音里没有找到人声。",
    "The file ends before any speech.": "文件在人声之前就结束了。",
    "The clip lasts {length} s, and a voice can use {most} s.": "录音有 {length} 秒，声音最多能用 {most} 秒。",
    "There are {length} s of speech; more than {most} s make speaking slower, and no better.": (
        "人声有 {length} 秒；超过 {most} 秒只会念得更慢，不会更好。"
    ),
    "There are only {length} s of speech; a voice needs {least} s.": "人声只有 {length} 秒；声音需要 {least} 秒。",
    "There are only {length} s of speech; a voice is steady from {least} s on.": (
        "人声只有 {length} 秒；{least} 秒以上声音才稳定。"
    ),
    "Record 3 to 15 s of speech.": "请录 3 到 15 秒的说话声。",
    "Cut it to 3 to 15 s, and its transcript too.": "请剪成 3 到 15 秒，文字也相应删减。",
    "The file ends before the sound that its header promises.": "文件比文件头所说的短，声音不完整。",
    "Copy or download it again, or save it anew.": "请重新复制或下载，或重新保存。",
    "There are {length} s of silence at an end; the mended copy is without them.": (
        "一端有 {length} 秒静音；修好的副本里已去掉。"
    ),
    "The clip begins within a sound; a word may be cut.": "录音开头就在声音中间，可能切掉了字。",
    "The clip ends within a sound; a word may be cut.": "录音结尾还在声音中间，可能切掉了字。",
    "The clip begins and ends within a sound; a word may be cut.": "录音的开头和结尾都在声音中间，可能切掉了字。",
    "Leave a moment of silence at both ends.": "请在两端留一点静音。",
    "This sounds like music or singing: its notes are held as in no speech.": "听起来像音乐或唱歌：音拖得比说话长。",
    "Record the voice alone.": "请只录说话声。",
    "There may be more than one speaker: the pitch moves between two ranges.": "可能不止一个人在说话：音高在两个区间来回。",
    "Cut out one speaker.": "请只留一个人的声音。",
    "The noise is only {level} dB below the speech, and will be heard in what the voice says.": (
        "噪声只比人声低 {level} dB，念出来也会听到。"
    ),
    "The clip is {level} dB above its noise, which will be heard in everything the voice says.": (
        "人声只比噪声高 {level} dB，念什么都会听到噪声。"
    ),
    "Record in a quiet room, close to the microphone, or have the clip denoised.": (
        "请在安静的房间里靠近话筒录音，或给录音降噪。"
    ),
    "The recording is overdriven: {length} ms are cut off flat.": "录音过载：有 {length} 毫秒被削平。",
    "Record again with less gain; peaks at -6 dB are good.": "请调低增益重录；峰值在 -6 dB 最好。",
    "There is a hum of {pitch} Hz, {level} dB below the speech.": "有 {pitch} Hz 的嗡声，比人声低 {level} dB。",
    "Its lowest tone is filtered out of the mended copy; for the rest, keep cables and power supplies apart.": (
        "修好的副本滤掉了最低的音；其余的请把线缆和电源分开。"
    ),
    "The room seems to echo: the sound dies away slowly after words.": "房间似乎有回声：话音之后声音消失得慢。",
    "Record closer to the microphone, in a room with curtains, carpets or clothes.": (
        "请靠近话筒，在有窗帘、地毯或衣物的房间里录。"
    ),
    "Nothing is to be heard above {limit} kHz, as on a telephone.": "{limit} kHz 以上什么也没有，像电话里的声音。",
    "Nothing is to be heard above {limit} kHz, as after a low-bitrate codec.": (
        "{limit} kHz 以上什么也没有，像经过低码率压缩。"
    ),
    "Use the original recording, at 24 kHz or more.": "请用原始录音，24 kHz 以上。",
    "The speech is very quiet, {level} dB below full scale; the mended copy is louder.": (
        "人声很轻，比满幅低 {level} dB；修好的副本更响。"
    ),
    "Record with more gain.": "请调高增益录音。",
    "The wave is off its middle by {share} % of full scale; the mended copy is not.": (
        "波形偏离中线，为满幅的 {share} %；修好的副本已校正。"
    ),
    "The transcript is not written in {language}.": "文字不是用{language}写的。",
    "The transcript has no words.": "文字里没有词。",
    "Write down what is said, in the script of its language; or give the right language.": (
        "请用该语言的文字写下所说的话；或选对语言。"
    ),
    "There is no transcript: the voice will be less like its speaker.": "没有文字：声音会不太像说话的人。",
    "Write down word for word what is said.": "请逐字写下所说的话。",
    "The transcript seems to leave out some of what is said: {syllables} syllables for {length} s of speech.": (
        "文字似乎漏掉了一些话：{length} 秒人声只有 {syllables} 个音节。"
    ),
    "The transcript seems to say more than the clip: {syllables} syllables for {length} s of speech.": (
        "文字似乎比录音说得多：{length} 秒人声却有 {syllables} 个音节。"
    ),
    "Write down each word of the whole clip, fillers too, or cut the clip to what is written.": (
        "请写下整段录音的每个字，语气词也要；或把录音剪到与文字相符。"
    ),
    "What is heard is “{text}”.": "听到的是“{text}”。",
    "Correct that, and give it: ttsd voices set NAME --transcript TEXT.": (
        "改好后写入：ttsd voices set NAME --transcript TEXT。"
    ),
    "A recogniser hears what the transcript says; {share} % differs.": "识别器听到的与文字相符；相差 {share} %。",
    "The transcript says “{text}”, what is heard is “{heard}”: {share} % differs.": (
        "文字写的是“{text}”，听到的是“{heard}”：相差 {share} %。"
    ),
    "Write down word for word what is said in the clip, all of it; if you did, the recogniser errs.": (
        "请逐字写下录音里的全部内容；如果已经如此，就是识别器听错了。"
    ),
    "It sounds like the speaker of the neutral clip: {share} of 1.": "听起来是平常录音里的那个人：{share}（满分 1）。",
    "It sounds like another speaker than the neutral clip: {share}, and one speaker has {least} or more.": (
        "听起来和平常的录音不是同一个人：{share}，同一个人应有 {least} 以上。"
    ),
    "Make the variant of a clip of the same speaker.": "请用同一个人的录音做变体。",
    "removed an offset of {share} of full scale": "去掉了满幅 {share} 的偏移",
    "filtered out the hum's {pitch} Hz and what is below": "滤掉了 {pitch} Hz 的嗡声及更低的音",
    "trimmed {length} s of silence from the ends": "剪掉了两端 {length} 秒静音",
    "raised the level by {level} dB": "提高了 {level} dB 音量",
    "lowered the level by {level} dB": "降低了 {level} dB 音量",
    "added {length} s of silence at the end": "在结尾加了 {length} 秒静音",
    "reduced the noise, which was {level} dB below the speech": "减弱了噪声（原比人声低 {level} dB）",
}

WORKER: Final[dict[str, str]] = {
    "the daemon is stopping": "守护进程正在停止",
    "the daemon was stopped": "守护进程已停止",
    "the daemon restarts": "守护进程正在重启",
    "the daemon closed the connection": "守护进程关闭了连接",
    "the daemon runs on another machine: its settings are changed there": "守护进程在另一台机器上：请在那里修改设置",
    "the worker is not started yet": "工作进程还没有启动",
    "the worker is {phase}": "工作进程{phase}",
    "the engine is {phase}": "引擎{phase}",
    "the engine is loading ({progress})": "引擎正在载入（{progress}）",
    "stopped": "已停止",
    "starting": "正在启动",
    "loading": "正在载入",
    "loading: {note}": "正在载入：{note}",
    "draining": "正在收尾",
    "failed": "已失败",
    "the worker was replaced: {why}": "工作进程已更换：{why}",
    "the worker was unloaded: {why}": "模型已卸载：{why}",
    "the worker was replaced before this was spoken": "还没念这段，工作进程就被更换了",
    "the worker was not replaced, because its successor {how}": "工作进程没有更换，因为接替它的{how}",
    "the worker process died": "工作进程意外终止",
    "the worker {how}; the next one starts in {pause} s": "工作进程{how}；{pause} 秒后启动下一个",
    "the worker {how}": "工作进程{how}",
    "was killed by {signal}": "被 {signal} 终止",
    "killed by signal {number}": "被信号 {number} 终止",
    "ran out of memory": "内存不足",
    "ended": "已结束",
    "ended by itself with status {status}": "自行结束，状态码 {status}",
    "could not start: {why}": "无法启动：{why}",
    "could not be started: {why}": "无法启动：{why}",
    "was not ready after {time} s": "{time} 秒后仍未就绪",
    "hung: no answer to a ping for {time} s": "没有反应：{time} 秒没有应答",
    "hung: a segment without new audio for {time} s": "没有反应：有一段 {time} 秒没有新的声音",
    "failed its canary: {why}": "试念失败：{why}",
    "the engine spoke silence": "引擎没有念出声音",
    "the engine cannot start and gave no reason; its last words are in the log": (
        "引擎无法启动，也没有给出原因；它最后的话在日志里"
    ),
    "the model is unloaded: {why}; `ttsd model load` loads it": "模型已卸载：{why}；`ttsd model load` 重新载入",
    "the model is unloaded: {why}; the next request loads it": "模型已卸载：{why}；下一个请求会载入它",
    "nobody asked for speech for {time}": "{time} 内没有人要朗读",
    "card {number}": "显卡 {number}",
    "its budget on card {number}": "它在显卡 {number} 上的预算",
    "the memory that the worker may have": "工作进程可用的内存",
    "of {place}, {used} of {total} are in use": "{place}已用 {used}，共 {total}",
    "of {place}, {used} of {total} are in use ({share}, above {limit})": (
        "{place}已用 {used}，共 {total}（{share}，超过 {limit}）"
    ),
    "{use}; the worker holds {own}, {more} more than at its start": "{use}；工作进程占 {own}，比开始时多 {more}",
    "{use}; the worker holds {own}, {more} more than at its start, and grew {growth} a minute since {time}": (
        "{use}；工作进程占 {own}，比开始时多 {more}，自 {time} 起每分钟增长 {growth}"
    ),
    "{use}; the model alone needs {amount}: fewer slots need less, or raise {key}": (
        "{use}；模型本身就需要 {amount}：减少并发，或调高 {key}"
    ),
    "of {place}, {used} of {total} are in use ({share}, above {limit}), {others} of it by other processes: a fresh worker "
    "would not help; free what they hold": (
        "{place}已用 {used}，共 {total}（{share}，超过 {limit}），其中 {others} 由其他程序占用：更换工作进程没有用；请释放它们占用的内存"
    ),
    "{use} again, though the worker was replaced {times} within an hour; the next time is at {time}, "
    "or now by `ttsd model recycle`: fewer slots need less memory": (
        "{use}，尽管一小时内已更换 {times}；下次更换在 {time}，或用 `ttsd model recycle` 立即更换：减少并发可省内存"
    ),
    "{why}; it was replaced at {at}, and is not again before {again}": "{why}；{at} 已更换，{again} 之前不再更换",
    "once": "一次",
    "{count} times": "{count} 次",
    "memory ran out: it has no more than {slots}, until a reload of the configuration tries all of them again": (
        "内存不足：并发最多 {slots}，重新载入配置后再试全部"
    ),
    "the model is unloaded already: {why}": "模型已经卸载：{why}",
    "the model is loaded already": "模型已经载入",
    "{who} asked for it": "应 {who} 的要求",
    "uid {number}": "用户 {number}",
    "somebody": "某人",
    "the configuration changed": "配置已修改",
    "the disk of {path} is full ({free} MiB free); make room": "{path} 所在的磁盘已满（剩余 {free} MiB）；请腾出空间",
    "the daemon is shutting down; try again in a moment": "守护进程正在关闭；请稍后再试",
    "the daemon is shutting down; connect again in a moment": "守护进程正在关闭；请稍后重新连接",
    "the daemon has not answered for {time} seconds": "守护进程已有 {time} 秒没有应答",
    "the connection to the daemon was lost (WebSocket close code {code})": (
        "与守护进程的连接断开了（WebSocket 关闭码 {code}）"
    ),
    "no daemon answers on {socket}; start one with `ttsd serve`, or `systemctl start ttsd`; "
    "name another socket with --socket or TTSD_SOCKET": (
        "{socket} 上没有守护进程应答；用 `ttsd serve` 或 `systemctl start ttsd` 启动，"
        "或用 --socket、TTSD_SOCKET 指定别的套接字"
    ),
}

JOBS: Final[dict[str, str]] = {
    "no voice {name}; engine {engine} has {voices}, and `ttsd voices list` shows profiles": (
        "没有声音 {name}；引擎 {engine} 有 {voices}，`ttsd voices list` 列出自制的声音"
    ),
    "there was nothing to say in the text": "文字里没有可念的内容",
    "there is nothing in this text that can be spoken": "这段文字里没有可念的内容",
    "the text has nothing to say: no letter and no digit is in it": "文字里没有可念的内容：没有字母也没有数字",
    "{count} jobs are waiting; at most {most} may ([limits] max_queue)": (
        "有 {count} 个任务在等待；最多 {most} 个（[limits] max_queue）"
    ),
    "job {job} is {state}: only a succeeded job has a receipt": "任务 {job} {state}：只有完成的任务才有回执",
    "job {job} is {state}: only a succeeded job has audio": "任务 {job} {state}：只有完成的任务才有音频",
    "job {job} is {state}; only a failed or cancelled job can be tried again": (
        "任务 {job} {state}；只有失败或取消的任务才能重试"
    ),
    "job {job} is {state}; only a succeeded job can be redone": "任务 {job} {state}；只有完成的任务才能重念",
    "job {job} is {state}; only one that waits can be moved": "任务 {job} {state}；只有等待中的任务才能移动",
    "job {job} has changed meanwhile; look at it again": "任务 {job} 已有变化；请再看一下",
    "the receipt of job {job} is gone, or a later job of the same file has written its own": (
        "任务 {job} 的回执已不在，或同一文件后来的任务写了自己的回执"
    ),
    "{path} is no longer in {folder}; drop it into the inbox again": "{path} 已不在 {folder}；请重新放进收件箱",
    "queued": "在排队",
    "running": "在进行",
    "succeeded": "已完成",
    "cancelled": "已取消",
}

ALLOWED: Final[dict[str, str]] = {
    "true": "true",
    "false": "false",
    "a whole number": "整数",
    "a whole number from {low} to {high}": "{low} 到 {high} 的整数",
    "a whole number from {low} up": "不小于 {low} 的整数",
    "a number": "数",
    "a number above {low}": "大于 {low} 的数",
    "a number above {low} to {high}": "大于 {low}、不超过 {high} 的数",
    "a number from {low} up": "不小于 {low} 的数",
    "a number from {low} to {high}": "{low} 到 {high} 的数",
    "a number from {low} below {high}": "不小于 {low}、小于 {high} 的数",
    "a string": "字符串",
    "a string that matches {pattern}": "符合 {pattern} 的字符串",
    "a list of strings": "字符串列表",
    "a table of strings": "字符串表",
}

LANGUAGES: Final[dict[str, str]] = {
    "Chinese": "中文",
    "English": "英语",
    "Japanese": "日语",
    "Korean": "韩语",
    "German": "德语",
    "French": "法语",
    "Russian": "俄语",
    "Portuguese": "葡萄牙语",
    "Spanish": "西班牙语",
    "Italian": "意大利语",
    "A language known here": "这里支持的语言",
}

TOLD: Final[dict[str, str]] = DOCTOR | WORKER | JOBS | ALLOWED | LANGUAGES
