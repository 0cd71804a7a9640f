"""Speak: drafts, long texts, what was spoken before."""

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "A long text": "长文字",
    "Draft": "草稿",
    "What you were writing is here again; Ctrl+Z takes it away.": "上次写的文字还在；按 Ctrl+Z 去掉。",
    "Bring it back": "取回",
    "Filter": "筛选",
    "History": "历史",
    "Nothing is here.": "这里什么也没有。",
    "Nothing was deleted.": "没有删过。",
    "Speak it again": "再念一遍",
    "Spoken before": "念过的",
    "To the list": "到列表",
    "Undo": "撤销",
    "What was spoken before: search it, bring it back": "念过的：查找，取回",
    "type to filter": "输入文字筛选",
    "{percent} heard, {left} left": "已听 {percent}，还剩 {left}",
    "{count}: F6 speaks it here, F7 makes a job of it.": "{count}：按 F6 在这里念，按 F7 变成任务。",
}
