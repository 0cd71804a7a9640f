"""What the configuration says of its keys. The English stands in `ttsd/config/sections.py`; a test keeps the two equal."""

from typing import Final

SETTINGS: Final[dict[str, str]] = {
    "File of the tokens of TCP clients outside `trusted_networks`; `ttsd token add` writes it (docs/security.md).": "`trusted_networks` 以外的 TCP 客户端的令牌文件；由 `ttsd token add` 写入（docs/security.md）。",
    "Networks, or users of the Unix socket, whose `X-Forwarded-For` counts; see docs/reverse-proxy.md.": "哪些网络或 Unix 套接字用户的 `X-Forwarded-For` 可信；见 docs/reverse-proxy.md。",
    "Of these, requests of one user.": "其中一个用户的请求数。",
    "Of these, sessions of one user.": "其中一个用户的会话数。",
    "Requests of one user in a second, with `requests_burst` at once; 0: as many as come.": "一个用户每秒的请求数，可一次来 `requests_burst` 个；0：不限。",
    "See `requests_per_s`.": "见 `requests_per_s`。",
    "Characters that one user may have spoken from midnight to midnight UTC, files in the inbox apart; 0: any.": "一个用户每天（UTC 零点到零点）可念的字数，收件箱里的文件不算；0：不限。",
    'How long it stays loaded when nobody asks for speech: `"5m"`, seconds, 0, or `"forever"`; see docs/memory.md.': '没有人要朗读时模型保留多久：`"5m"`、秒数、0 或 `"forever"`；见 docs/memory.md。',
    "Replace the worker when its memory on the host stays above so many MB, and a fresh one has less; 0: never.": "工作进程占用的内存持续超过这么多 MB、而新的更少时就更换它；0：从不。",
    "Not ready when the file system of a spool or of the state has less room; 0: until it is full.": (
        "任务目录或状态目录所在的文件系统剩余空间少于此值就不算就绪；0：直到写满。"
    ),
    "What it says that it computes on: `cpu` or `cuda`; with `cuda`, readiness follows the card.": "它自称在什么上计算；`cuda` 时是否就绪取决于显卡。",
    "Who may change what belongs to all (pause, model, voices, common lexicon): `members` who connect, or `admins`.": "谁可以改动公共的东西（暂停、模型、声音、公共词典）：能连接的 `members`，或 `admins`。",
    "Replace the worker when use of its card stays above this fraction, and that helps; 1: only above a budget.": "显存用量持续超过这个比例、而更换有用时，就更换工作进程；1：只在超出预算时。",
    "On a card shared with others: the fraction is of this, and the worker's own memory counts alone; 0: all of it.": "与他人共用的显卡：比例按此值计算，只算工作进程自己的显存；0：整张卡。",
    "It helps when use falls below `vram_restart` less this; then pressure by other programs is over, too.": "用量降到 `vram_restart` 减去此值以下才算有用；其他程序造成的紧张也以此为止。",
    "Least time between two replacements for memory; twice as long after each one within an hour.": "两次因内存更换之间的最短时间；一小时内每换一次加倍。",
    "And no more than so many an hour: after that new speech is refused until there is room again.": "每小时最多换这么多次：之后拒绝新的朗读，直到又有空间。",
    "Of electricity; power is measured where the driver of the card tells it.": "电价；显卡驱动给出功率时才计量。",
    "Price of the machine, or of the card, over the months it is to last.": "机器或显卡的价格，按使用月数分摊。",
    "What 10,000 clips of 30 characters cost elsewhere.": "别处念一万条三十字的文字要多少钱。",
    "What stands before amounts: `¥`, `€`, or a code such as `CHF`.": "金额前的符号：`¥`、`€` 或 `CHF` 这样的代码。",
    "Days of usage to keep; what is older than 60 is kept by day instead of by hour.": "用量记录保留几天；60 天以前的按天而不按小时保留。",
    "Connections at once; fewer where the process may not open so many files (256 are kept for the daemon itself).": "同时的连接数；进程能打开的文件不够时更少（守护进程自己留 256 个）。",
    "Group (or its number) whose members see and change all jobs, like root and the daemon's user; empty: none.": (
        "其成员能查看和修改所有任务的用户组（或其编号），如同 root 和守护进程的用户；留空：没有。"
    ),
    "Path of the Unix socket; empty: `ttsd.sock` in the runtime directory.": (
        "Unix 套接字的路径；留空：运行时目录里的 `ttsd.sock`。"
    ),
    "How long running work may go on after a request to stop (keep it below systemd's TimeoutStopSec).": (
        "收到停止请求后，进行中的工作还能继续多久（应小于 systemd 的 TimeoutStopSec）。"
    ),
    "How many segments it speaks at once.": "同时念多少段。",
    "How long loading takes.": "载入需要多久。",
    "Delay before the first chunk of a segment.": "每段第一块声音之前的延迟。",
    "Seconds of work per second of audio.": "每秒音频需要几秒工作。",
    "Path of a TOML file with faults to act out; it is read again before every segment.": (
        "写有要模拟的故障的 TOML 文件路径；每段之前都重新读取。"
    ),
    "Speak reference clips, each with a pitch of its own.": "能念参考录音，各有自己的音高。",
    "The model: `builtin` needs no GPU; the others are `qwen3`, `remote` and `fake`.": (
        "模型：`builtin` 不需要 GPU；其他有 `qwen3`、`remote` 和 `fake`。"
    ),
    "Segments spoken at once by the built-in engine; 0: one for each core, four at most.": (
        "内置引擎同时念几段；0：每个核一段，最多四段。"
    ),
    'What the built-in engine loads, as `["en", "zh"]`; empty: all that is installed (see docs/voices.md).': (
        '内置引擎载入的语言，如 `["en", "zh"]`；留空：已安装的全部（见 docs/voices.md）。'
    ),
    "Slots that background work leaves free for live sessions and streams (never the last one).": (
        "后台工作为即时会话和流留出的位置（最后一个位置除外）。"
    ),
    "Let an engine made for a GPU run on the CPU; takes effect with `qwen3`.": (
        "允许为 GPU 设计的引擎在 CPU 上运行；对 `qwen3` 有效。"
    ),
    "How long loading may take before the worker is replaced.": "载入超过多久就更换工作进程。",
    "A worker that does not answer for so long is replaced.": "工作进程这么久没有应答就更换。",
    "A segment without new audio for so long means a hung engine: the worker is replaced.": (
        "一段这么久没有新的声音，说明引擎卡住了：更换工作进程。"
    ),
    "Directory of the checkpoint, or its hub id.": "检查点的目录，或它在模型库里的名字。",
    "`cuda`, `cpu`, or `auto`: that is `cuda`, or a failure that says why (see `[engine] allow_cpu`).": (
        "`cuda`、`cpu` 或 `auto`：即 `cuda`，不行就说明原因（见 `[engine] allow_cpu`）。"
    ),
    "Arithmetic of the model: `bfloat16`, `float16` or `float32`; on a CPU always `float32`.": (
        "模型的运算精度：`bfloat16`、`float16` 或 `float32`；在 CPU 上总是 `float32`。"
    ),
    "Streams at once. Each takes memory for its longest segment: 110 KiB a position in `bfloat16`, 340 MiB in all.": (
        "同时几路。每路按最长的一段占用内存：`bfloat16` 每个位置 110 KiB，共 340 MiB。"
    ),
    "Of these, kept free for live sessions.": "其中为即时会话留出几路。",
    "Longest segment in frames of 80 ms.": "最长的一段，以 80 毫秒的帧计。",
    "Voice when a request names none; empty: the engine's own default.": "请求没有指定声音时用的声音；留空：引擎的默认声音。",
    "Language when a request names none: `zh en ja ko de fr ru pt es it`, or `auto`, which looks at the text.": (
        "请求没有指定语言时用的语言：`zh en ja ko de fr ru pt es it`，或 `auto`：按文字判断。"
    ),
    "A reference clip on an engine that cannot clone: `refuse` it, or take the `nearest` built-in voice.": (
        "引擎不能克隆时收到参考录音：`refuse` 拒绝，`nearest` 用最接近的内置声音。"
    ),
    "Crisper and slower, from 0 to 100; 50: the engine's own way. `docs/style.md` tells what it moves.": (
        "更清楚、更慢，从 0 到 100；50：引擎本来的样子。`docs/style.md` 说明它改变什么。"
    ),
    "More breath, and pauses and tempo that vary, from 0 to 100.": "更多呼吸，停顿和快慢有变化，从 0 到 100。",
    "A wider range of pitch and tone, from 0 to 100.": "音高和语气的起伏更大，从 0 到 100。",
    "Directory of `inbox/ outbox/ done/ failed/`; empty: `spool/` in the state directory.": (
        "`inbox/ outbox/ done/ failed/` 所在的目录；留空：状态目录里的 `spool/`。"
    ),
    "A file is complete when its size and time of change have been still for so long.": (
        "文件的大小和修改时间这么久没有变化，就算写完了。"
    ),
    "How often the inbox is walked for what events missed.": "隔多久巡视一遍收件箱，找出事件漏掉的文件。",
    "More glob patterns of file names to leave alone.": "还有哪些文件名（通配符）不要碰。",
    "Look every second instead of being told by the kernel; on NFS, SMB, 9p and FUSE it is so in any case.": (
        "每秒查看一次，而不等内核通知；在 NFS、SMB、9p 和 FUSE 上总是如此。"
    ),
    "Voice of files from this spool; empty: that of `[speech]`.": "这个投递箱里的文件用的声音；留空：`[speech]` 的声音。",
    "Their language: `zh en ja ko de fr ru pt es it` or `auto`; empty: that of `[speech]`.": (
        "它们的语言：`zh en ja ko de fr ru pt es it` 或 `auto`；留空：`[speech]` 的语言。"
    ),
    "Format of their audio: `wav pcm flac mp3 opus m4a m4b`; empty: that of `[output]`.": (
        "它们的音频格式：`wav pcm flac mp3 opus m4a m4b`；留空：`[output]` 的格式。"
    ),
    "Captions beside it: `none`, `srt`, `vtt` or `both`; empty: those of `[output]`.": (
        "附带的字幕：`none`、`srt`、`vtt` 或 `both`；留空：`[output]` 的字幕。"
    ),
    'Mode of results, such as `"0640"`; folders made for them also get x where r is. Empty: as the umask has it.': (
        '结果文件的权限，如 `"0640"`；为它们建的文件夹凡有 r 处也有 x。留空：按 umask。'
    ),
    "Group of results and of folders made for them, by name or number; empty: as it comes.": (
        "结果文件及其文件夹的用户组，名字或编号；留空：不改。"
    ),
    "Format of files in the outbox: `wav pcm flac mp3 opus m4a m4b`.": (
        "发件箱里文件的格式：`wav pcm flac mp3 opus m4a m4b`。"
    ),
    "Sample rate of `/api/tts` and of files in the outbox: 24000, the only one so far.": (
        "`/api/tts` 和发件箱里文件的采样率：24000，目前只有这一种。"
    ),
    "Captions beside the audio: `none`, `srt`, `vtt` or `both`.": "音频附带的字幕：`none`、`srt`、`vtt` 或 `both`。",
    "Bring each file to this loudness by one gain (EBU R128; -16 suits podcasts, -23 broadcast); 0: as it was made.": (
        "用一个增益把每个文件调到这个响度（EBU R128；-16 适合播客，-23 适合广播）；0：保持原样。"
    ),
    "Bound of the clip store (finished segments, for resume and for redoing one sentence).": (
        "片段库的上限（念完的片段，供继续和重念一句用）。"
    ),
    "`host:port` to listen on besides the Unix socket; empty: none.": (
        "除 Unix 套接字外还监听的 `host:port`；留空：不监听。"
    ),
    "Networks whose clients need no token.": "客户端不需要令牌的网络。",
    "Values of `Host` (and hosts of `Origin`) that are answered over TCP; add the name clients use.": (
        "经 TCP 时接受的 `Host`（及 `Origin` 的主机）；请加上客户端使用的名字。"
    ),
    "Folders below which `ref_audio` may name a file.": "`ref_audio` 可以指定其下文件的文件夹。",
    "How often cards, CPU and memory are looked at.": "隔多久查看一次显卡、CPU 和内存。",
    "Only when use stays above for so long.": "用量这么久都在其上才更换。",
    "Least level that is written: `debug`, `info`, `warning` or `error`.": (
        "写入日志的最低级别：`debug`、`info`、`warning` 或 `error`。"
    ),
    "On stderr: `auto` is plain lines for journald and pipes and colours on a terminal; or `console`, or `json`.": (
        "在标准错误上：`auto` 对 journald 和管道写纯文本，对终端写彩色；或 `console`，或 `json`。"
    ),
    "Days of rotated logs to keep.": "轮换下来的日志保留几天。",
    "Rotate before the day is over when the file is larger.": "文件超过这个大小，不到一天也轮换。",
    "Bound of all logs together; the oldest go first.": "全部日志的总上限；最旧的先删。",
    "How spoken texts appear in logs: `hash` is the beginning of their SHA-256 and their length, `full` the texts.": (
        "念过的文字在日志里怎么写：`hash` 是 SHA-256 的开头和长度，`full` 是原文。"
    ),
    "Longest text of one HTTP request.": "一次 HTTP 请求的最长文字。",
    "Largest HTTP body.": "最大的 HTTP 正文。",
    "Largest file in the inbox.": "收件箱里最大的文件。",
    "Largest EPUB in the inbox; most of it is pictures.": "收件箱里最大的 EPUB；其中大多是图片。",
    "Most sound that is made into a file for a client at once; this is three hours.": (
        "一次为客户端做成文件的声音上限；相当于三小时。"
    ),
    "Longest text of one document, front matter apart.": "一份文档的最长文字，不含开头的设置。",
    "Voice profiles.": "自制声音的数量。",
    "Largest file of a reference clip, and of a voice's archive; 64 MB at most.": (
        "参考录音文件和声音归档的最大大小；最多 64 MB。"
    ),
    "Longest reference clip; a minute at most, and 3 to 15 seconds are best.": (
        "最长的参考录音；最多一分钟，3 到 15 秒最好。"
    ),
    "Jobs waiting at once.": "同时等待的任务数。",
    "Of these, jobs of one user: the owner of a file, the user of a Unix socket's client, an address.": (
        "其中一个用户的任务数：文件的主人、Unix 套接字客户端的用户，或一个地址。"
    ),
    "How long ended jobs are remembered, and results of jobs that came over HTTP are kept; 0: for ever.": (
        "结束的任务记住多少天，经 HTTP 来的任务的结果保留多少天；0：永远。"
    ),
    "HTTP speech requests at once.": "同时处理的 HTTP 朗读请求数。",
    "Live sessions at once.": "同时的即时会话数。",
    "A client that takes no byte for so long is dropped.": "客户端这么久一个字节也不收，就断开。",
    "How long preparing one text may take.": "准备一份文字最多用多久。",
    "How often a job is tried before it fails.": "一个任务最多试几次才算失败。",
    "Colours: `dark`, `light`, `contrast-dark` or `contrast-light`; what is chosen in the app comes first.": (
        "配色：`dark`、`light`、`contrast-dark` 或 `contrast-light`；以应用里选的为先。"
    ),
    "What the app says: `en`, `zh`, or `auto`: by the locale (LC_ALL, LC_MESSAGES, LANG).": (
        "应用的语言：`en`、`zh`，或 `auto`：按系统区域（LC_ALL、LC_MESSAGES、LANG）。"
    ),
    'Other keys for what the app does, as `{ read = "f8", jobs = "alt+j" }`; its help (Ctrl+G) has the names.': (
        '给应用的操作换别的按键，如 `{ read = "f8", jobs = "alt+j" }`；名字见帮助（Ctrl+G）。'
    ),
}
