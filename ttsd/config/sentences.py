"""What `sections.py` says of each section and key, for programs that show it."""

import ast
import inspect
from functools import cache

from ttsd.config import sections


@cache
def sentences() -> dict[str, dict[str, str]]:
    """By the name of the struct: a sentence for each key, and under `""` the one for the section."""
    tree = ast.parse(inspect.getsource(sections))
    return {node.name: _of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    found = {"": ast.get_docstring(node) or ""}
    for field, said in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match said:
                case ast.Expr(ast.Constant(str() as text)):
                    found[field.target.id] = text
                case _:
                    pass
    return found
