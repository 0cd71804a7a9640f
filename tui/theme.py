"""Calm colours, dark and light; and two themes of high contrast, for eyes and screens that need it."""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme


def _chrome(background: str, accent: str, own: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables: those that follow from its background and accent, and its own."""
    return {
        "footer-background": background,
        "footer-key-foreground": accent,
        "input-cursor-background": accent,
        "input-cursor-foreground": background,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
        **own,
    }


DARK: Final = Theme(
    name="ttsd-dark",
    dark=True,
    primary="#7ea6cf",
    secondary="#86b8a6",
    accent="#e3b778",
    foreground="#cfd6e1",
    background="#14171d",
    surface="#191d25",
    panel="#222835",
    success="#8cba8c",
    warning="#dca765",
    error="#de7f7f",
    variables=_chrome(
        "#14171d",
        "#e3b778",
        {
            "border": "#39445a",
            "border-blurred": "#2a3242",
            "footer-description-foreground": "#8f9bb0",
            "input-selection-background": "#7ea6cf 35%",
            "block-cursor-background": "#2c3850",
            "block-cursor-foreground": "#eef2f8",
            "block-cursor-text-style": "none",
            "scrollbar": "#2f394c",
            "scrollbar-hover": "#43506a",
            "scrollbar-active": "#7ea6cf",
            "quiet": "#74809a",
            "faint": "#465066",
        },
    ),
)

LIGHT: Final = Theme(
    name="ttsd-light",
    dark=False,
    primary="#2f6696",
    secondary="#33735e",
    accent="#9a5c0c",
    foreground="#2b3240",
    background="#f7f5f0",
    surface="#f1eee7",
    panel="#e5e1d7",
    success="#36723f",
    warning="#95610f",
    error="#b03a3a",
    variables=_chrome(
        "#f7f5f0",
        "#9a5c0c",
        {
            "border": "#b9b4a6",
            "border-blurred": "#d6d1c4",
            "footer-description-foreground": "#6b7280",
            "input-selection-background": "#2f6696 25%",
            "block-cursor-background": "#d5dfe9",
            "block-cursor-foreground": "#1c222d",
            "block-cursor-text-style": "none",
            "scrollbar": "#cdc8ba",
            "scrollbar-hover": "#b4ae9d",
            "scrollbar-active": "#2f6696",
            "quiet": "#767c88",
            "faint": "#b3b0a6",
        },
    ),
)

CONTRAST_DARK: Final = Theme(
    name="ttsd-contrast-dark",
    dark=True,
    primary="#8fd0ff",
    secondary="#7fe8c3",
    accent="#ffd75f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#87ff87",
    warning="#ffd75f",
    error="#ff9c9c",
    variables=_chrome(
        "#000000",
        "#ffd75f",
        {
            "border": "#ffffff",
            "border-blurred": "#b0b0b0",
            "footer-description-foreground": "#ffffff",
            "input-selection-background": "#0055aa",
            "block-cursor-background": "#0055aa",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "bold",
            "scrollbar": "#808080",
            "scrollbar-hover": "#ffffff",
            "scrollbar-active": "#ffd75f",
            "quiet": "#d0d0d0",
            "faint": "#a8a8a8",
        },
    ),
)

CONTRAST_LIGHT: Final = Theme(
    name="ttsd-contrast-light",
    dark=False,
    primary="#003a78",
    secondary="#00473a",
    accent="#6a2c00",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ececec",
    success="#004a00",
    warning="#5c3b00",
    error="#8e0000",
    variables=_chrome(
        "#ffffff",
        "#6a2c00",
        {
            "border": "#000000",
            "border-blurred": "#5a5a5a",
            "footer-description-foreground": "#000000",
            "input-selection-background": "#bcd9ff",
            "block-cursor-background": "#bcd9ff",
            "block-cursor-foreground": "#000000",
            "block-cursor-text-style": "bold",
            "scrollbar": "#7a7a7a",
            "scrollbar-hover": "#000000",
            "scrollbar-active": "#6a2c00",
            "quiet": "#3c3c3c",
            "faint": "#595959",
        },
    ),
)

THEMES: Final = (DARK, LIGHT, CONTRAST_DARK, CONTRAST_LIGHT)


def theme_named(name: str) -> Theme | None:
    """The theme called `name` in the configuration (`contrast-dark`) or within the app (`ttsd-contrast-dark`)."""
    return next((theme for theme in THEMES if name in (theme.name, theme.name.removeprefix("ttsd-"))), None)
