"""简体中文: what the app says, by page. The keys are the English of the code; a test keeps the two equal."""

from typing import Final

from tui.chinese import everywhere, health, jobs, logs, speak, voices, writing

CATALOGUES: Final = (everywhere.TEXTS, speak.TEXTS, jobs.TEXTS, health.TEXTS, logs.TEXTS, voices.TEXTS, writing.TEXTS)

CHINESE: Final[dict[str, str]] = {english: chinese for texts in CATALOGUES for english, chinese in texts.items()}
