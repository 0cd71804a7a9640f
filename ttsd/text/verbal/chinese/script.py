"""Simplified and traditional characters: rules know one script, and what they say is in that of the text."""

from typing import Final

_PAIRS: Final = """
个個 只隻 条條 张張 辆輛 种種 万萬 亿億 点點 时時 钟鐘 号號 楼樓 层層 岁歲 间間 电電 话話 机機 码碼 编編 账賬
验驗 证證 邮郵 线線 拨撥 报報 联聯 订訂 单單 学學 级級 后後 周週 礼禮 双雙 对對 块塊 颗顆 头頭 组組 栋棟 页頁
场場 届屆 顿頓 盘盤 节節 门門 项項 环環 区區 厂廠 队隊 几幾 余餘 来來 约約 占佔 过過 从從 于於 负負 胜勝 败敗
击擊 领領 战戰 赛賽 国國 际際 车車 医醫 运運 会會 历歷 钱錢 币幣 欧歐 韩韓 两兩 厘釐 亩畝 吨噸 笔筆 课課 题題
则則 团團 声聲 针針 枪槍 轮輪 词詞 语語 边邊 侧側 样樣 户戶 类類 阶階 骤驟 摄攝 华華 镑鎊 减減 兹茲 贝貝 卢盧
铢銖 转轉 帧幀 杠槓 划劃 顷頃 纳納 气氣 温溫 涨漲 还還 这這 们們 说說 让讓 吗嗎 么麼 为為 开開 关關 见見 观觀
发發 现現 实實 给給 经經 应應 该該 网網 长長 风風 马馬 鸟鳥 龙龍 书書 乐樂 爱愛 买買 卖賣 东東 儿兒 无無 业業
专專 义義 丽麗 举舉 习習 乡鄉 争爭 产產 亲親 仅僅 价價 优優 传傳 伤傷 体體 务務 动動 劳勞 办辦 协協 压壓 厅廳
县縣 变變 台臺 叶葉 听聽 员員 响響 图圖 园園 坏壞 处處 备備 复復 够夠 夺奪 奖獎 妇婦 孙孫 宁寧 宝寶 审審 尽盡
岛島 师師 带帶 帮幫 广廣 库庫 当當 录錄 总總 态態 护護 择擇 损損 换換 据據 数數 断斷 旧舊 显顯 术術 权權 杂雜
极極 构構 标標 树樹 桥橋 检檢 欢歡 残殘 毕畢 汉漢 汤湯 沟溝 没沒 测測 济濟 浅淺 满滿 灯燈 灵靈 热熱 独獨 画畫
疗療 盐鹽 监監 确確 离離 积積 稳穩 穷窮 竞競 篮籃 红紅 纪紀 纸紙 练練 细細 终終 结結 统統 继繼 绩績 续續 维維
绿綠 罗羅 职職 脑腦 艺藝 药藥 虑慮 虽雖 蓝藍 补補 装裝 规規 视視 觉覺 计計 认認 讨討 议議 记記 讲講 许許 论論
设設 访訪 评評 识識 诉訴 试試 详詳 误誤 请請 读讀 调調 谁誰 谢謝 质質 贵貴 费費 资資 赶趕 趋趨 跃躍 践踐 输輸
达達 迁遷 进進 远遠 连連 迟遲 适適 选選 递遞 遗遺 释釋 钢鋼 铁鐵 银銀 锁鎖 错錯 键鍵 镇鎮 闭閉 问問 闻聞 阳陽
阴陰 陆陸 险險 随隨 难難 顾顧 预預 频頻 颜顏 飞飛 饭飯 馆館 鱼魚 黄黃 齐齊 龄齡
"""
SIMPLE: Final = {ord(pair[1]): pair[0] for pair in _PAIRS.split()} | {ord("鍾"): "钟", ord("帳"): "账", ord("係"): "系"}
"""From traditional characters: those that the forms look for."""
_BOTH: Final = frozenset("后里只台系于占余几周划向松卷厘升斗")
"""Simplified characters that are traditional ones too, in other words."""
_ONLY_SIMPLE: Final = frozenset(pair[0] for pair in _PAIRS.split()) - _BOTH
TRADITIONAL: Final = {ord(pair[0]): pair[1] for pair in _PAIRS.split() if pair[0] not in "台占划厘"} | {
    ord("划"): "劃",
    ord("幺"): "一",
}
"""To traditional characters, for the words that the forms say; 幺 is not said in Taiwan."""


def is_traditional(text: str) -> bool:
    """Whether `text` has more characters of the traditional script than of the simplified one."""
    traditional = sum(ord(c) in SIMPLE for c in text)
    return traditional > 0 and traditional > sum(c in _ONLY_SIMPLE for c in text)
