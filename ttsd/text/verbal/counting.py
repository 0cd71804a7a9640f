"""Numbers in words, and what they count: the part of a reader that all its forms need."""

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.numbers import spell
from ttsd.text.verbal.numerals import LIMIT
from ttsd.text.verbal.tokens import Amount, Between, Number


class Counting:
    """Says numbers in one language. Its methods are pure; languages override those that differ."""

    def __init__(self, language: str, lexis: Lexis) -> None:
        self.language = language
        self.lexis = lexis

    def integer(self, value: int, gender: str = "") -> str:
        """A whole number from 0; `gender` is what the language makes of `Noun.gender`."""
        return spell(self.language, value, self.rules(gender)) if value < LIMIT else self.digits(str(value))

    def rules(self, gender: str) -> str:
        """The set of spell-out rules for counting nouns of `gender`; without one, for a number alone."""
        return f"spellout-cardinal-{gender}" if gender else "spellout-numbering"

    def ordinal_word(self, value: int, rules: str = "spellout-ordinal") -> str:
        """An ordinal; figure by figure where it is beyond the rules."""
        return spell(self.language, value, rules) if value < LIMIT else self.digits(str(value))

    def digits(self, figures: str) -> str:
        """Figure by figure."""
        return " ".join(spell(self.language, int(figure)) for figure in figures)

    def decimals(self, figures: str) -> str:
        """What comes after the point."""
        return self.digits(figures)

    def number(self, number: Number, gender: str = "") -> str:
        """A number with its sign and decimals."""
        sign = {"-": self.lexis.minus, "+": self.lexis.plus, "±": self.lexis.plus_minus}.get(number.sign, "")
        words = self.integer(number.value, "" if number.decimals else gender)
        if number.decimals:
            words = f"{words} {self.lexis.point} {self.decimals(number.decimals)}"
        return f"{sign} {words}" if sign else words

    def amount(self, amount: Amount, gender: str = "") -> str:
        """A number, or from one to another."""
        if isinstance(amount, Between):
            return f"{self.number(amount.first, gender)} {self.lexis.to} {self.number(amount.last, gender)}"
        return self.number(amount, gender)

    def counted(self, amount: Amount, noun: Noun) -> str:
        """`amount` and what is counted."""
        return f"{self.amount(amount, noun.gender)} {self.form(noun, amount)}"

    def form(self, noun: Noun, amount: Amount) -> str:
        """The form of `noun` beside `amount`."""
        number = amount.last if isinstance(amount, Between) else amount
        return noun.one if number.is_one else noun.plural
