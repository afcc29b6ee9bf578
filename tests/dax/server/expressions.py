"""Expression trees as DynamoDB's expression text, and projections of an item.

Every name becomes a #placeholder and every value a :placeholder: reserved words and odd names need no thought.
"""

import cbor
from errors import Refused
from values import attribute

LIST_INDEX = 3324
COMPARISONS = {0: "=", 1: "<>", 2: "<", 3: ">=", 4: ">", 5: "<="}
AND, OR, NOT, BETWEEN, IN = 6, 7, 8, 9, 10
EXISTS = {11: "attribute_exists", 12: "attribute_not_exists"}
TESTS = {13: "attribute_type", 14: "begins_with", 15: "contains"}
SIZE, VALUE, PATH = 16, 17, 18
ACTIONS = {19: "SET", 20: "ADD", 21: "DELETE", 22: "REMOVE"}
SET, REMOVE, IF_NOT_EXISTS, LIST_APPEND = 19, 22, 23, 24
SUMS = {25: "+", 26: "-"}


def unwrap(data, parts):
    """The array of an encoded expression after its version."""
    if type(data) is not bytes:
        raise Refused("an expression is a byte string")
    try:
        found = cbor.unwrap(data)
    except cbor.Malformed as error:
        raise Refused(f"an expression: {error}") from None
    if type(found) is not list or len(found) != parts + 1 or found[0] != 1:
        raise Refused("an expression is an array that begins with its version, 1")
    return found[1:]


class Renderer:
    """The expressions of one request: they share its placeholders."""

    def __init__(self):
        self.names, self.values = {}, {}
        self.numbers = {}

    def into(self, body):
        if self.names:
            body["ExpressionAttributeNames"] = self.names
        if self.values:
            body["ExpressionAttributeValues"] = self.values

    def name(self, name):
        if name not in self.numbers:
            self.numbers[name] = f"#n{len(self.numbers)}"
            self.names[self.numbers[name]] = name
        return self.numbers[name]

    def condition(self, data):
        tree, values = unwrap(data, 2)
        return Expression(self, values).whole(tree, Expression.condition)

    def update(self, data):
        """The update's text, and the names of the attributes that it speaks of."""
        tree, values = unwrap(data, 2)
        if type(tree) is not list or not tree:
            raise Refused("an update is an array of actions")
        expression = Expression(self, values)
        rendered = expression.whole(tree, Expression.update)
        return rendered, [action[1][1] for action in tree]


class Expression:
    def __init__(self, renderer, values):
        if type(values) is not list:
            raise Refused("the values of an expression are an array")
        self.renderer = renderer
        self.values = values
        self.placeholders = {}

    def whole(self, tree, render):
        rendered = render(self, tree)
        if len(self.placeholders) != len(self.values):
            raise Refused("an expression has a value that it does not use")
        return rendered

    def node(self, tree, *counts):
        if type(tree) is not list or not tree or type(tree[0]) is not int:
            raise Refused("a node is an array that begins with its operation")
        if counts and len(tree) - 1 not in counts:
            raise Refused(f"operation {tree[0]} has {len(tree) - 1} operands")
        return tree[0]

    def path(self, tree):
        if self.node(tree) != PATH:
            raise Refused(f"operation {tree[0]} where a path belongs")
        return "".join(self.elements(check_path(tree)))

    def elements(self, elements):
        for place, element in enumerate(elements):
            if type(element) is int:
                yield f"[{element}]"
            else:
                yield ("." if place else "") + self.renderer.name(element)

    def value(self, tree):
        self.node(tree, 1)
        number = tree[1]
        if type(number) is not int or not 0 <= number < len(self.values):
            raise Refused(f"an expression has no value {number!r}")
        if number not in self.placeholders:
            placeholder = self.placeholders[number] = f":v{len(self.renderer.values)}"
            self.renderer.values[placeholder] = attribute(self.values[number])
        return self.placeholders[number]

    def operand(self, tree):
        """What a condition compares."""
        operation = self.node(tree)
        if operation == VALUE:
            return self.value(tree)
        if operation == SIZE:
            self.node(tree, 1)
            return f"size({self.path(tree[1])})"
        return self.path(tree)

    def condition(self, tree):
        operation = self.node(tree)
        if operation in COMPARISONS:
            self.node(tree, 2)
            return f"{self.operand(tree[1])} {COMPARISONS[operation]} {self.operand(tree[2])}"
        if operation in (AND, OR):
            self.node(tree, 2)
            return f"({self.condition(tree[1])}) {'AND' if operation == AND else 'OR'} ({self.condition(tree[2])})"
        if operation == NOT:
            self.node(tree, 1)
            return f"NOT ({self.condition(tree[1])})"
        if operation == BETWEEN:
            self.node(tree, 3)
            return f"{self.operand(tree[1])} BETWEEN {self.operand(tree[2])} AND {self.operand(tree[3])}"
        if operation == IN:
            self.node(tree, 2)
            if type(tree[2]) is not list or not tree[2]:
                raise Refused("IN has an array of operands")
            return f"{self.operand(tree[1])} IN ({', '.join(map(self.operand, tree[2]))})"
        if operation in EXISTS:
            self.node(tree, 1)
            return f"{EXISTS[operation]}({self.path(tree[1])})"
        if operation in TESTS:
            self.node(tree, 2)
            return f"{TESTS[operation]}({self.path(tree[1])}, {self.operand(tree[2])})"
        raise Refused(f"operation {operation} is not a condition")

    def update(self, tree):
        actions = {}
        for action in tree:
            operation = self.node(action)
            if operation not in ACTIONS:
                raise Refused(f"operation {operation} is not an action of an update")
            self.node(action, 1 if operation == REMOVE else 2)
            text = self.path(action[1])
            if operation == SET:
                text += f" = {self.sum(action[2])}"
            elif operation != REMOVE:
                if self.node(action[2]) != VALUE:
                    raise Refused(f"{ACTIONS[operation]} takes a value")
                text += f" {self.value(action[2])}"
            actions.setdefault(ACTIONS[operation], []).append(text)
        return " ".join(f"{name} {', '.join(texts)}" for name, texts in actions.items())

    def sum(self, tree):
        operation = self.node(tree)
        if operation in SUMS:
            self.node(tree, 2)
            return f"{self.assigned(tree[1])} {SUMS[operation]} {self.assigned(tree[2])}"
        return self.assigned(tree)

    def assigned(self, tree):
        operation = self.node(tree)
        if operation == VALUE:
            return self.value(tree)
        if operation == IF_NOT_EXISTS:
            self.node(tree, 2)
            return f"if_not_exists({self.path(tree[1])}, {self.assigned(tree[2])})"
        if operation == LIST_APPEND:
            self.node(tree, 2)
            return f"list_append({self.assigned(tree[1])}, {self.assigned(tree[2])})"
        return self.path(tree)


def check_path(tree):
    """The elements of a path: texts, and integers for places in a list."""
    if type(tree) is not list or len(tree) < 2 or tree[0] != PATH:
        raise Refused("a path is an array that begins with its operation, 18, and has an element")
    out = []
    for element in tree[1:]:
        if type(element) is cbor.Tag and element.number == LIST_INDEX and type(element.value) is int and element.value >= 0:
            out.append(element.value)
        elif type(element) is str and element:
            out.append(element)
        else:
            raise Refused(f"{element!r} is not an element of a path")
    if type(out[0]) is int:
        raise Refused("a path begins with a list index")
    return out


class Projection:
    def __init__(self, data):
        (paths,) = unwrap(data, 1)
        if type(paths) is not list or not paths:
            raise Refused("a projection is an array of paths")
        self.paths = [check_path(path) for path in paths]
        for place, path in enumerate(self.paths):
            for other in self.paths[:place]:
                if all(left == right for left, right in zip(path, other)):
                    raise Refused("two paths of a projection overlap")

    def top_level(self, renderer):
        """The text of a projection on the attributes that the paths begin with."""
        return ", ".join(dict.fromkeys(renderer.name(path[0]) for path in self.paths))

    def of(self, item):
        """What is there of it in `item`, by its place in the projection."""
        found = {}
        for place, path in enumerate(self.paths):
            value = {"M": item}
            for element in path:
                inside = value.get("L" if type(element) is int else "M")
                if inside is None or (element >= len(inside) if type(element) is int else element not in inside):
                    value = None
                    break
                value = inside[element]
            if value is not None:
                found[place] = value
        return found
