"""What goes into the calls of the C interface and comes out is what the catalogue says. tests/c compares the names.

    calls_test.py LIBRARY       libloopstate.so
"""

import sys
import unittest

from fits import misfits, sample, wrong
from library import BY_NAME, CATALOGUE, Library, Store, example_of

LIBRARY = Library(sys.argv.pop(1))


def for_each_call(test):
    def run(self):
        for name, call in BY_NAME.items():
            with self.subTest(call=name):
                test(self, call)
    run.__doc__ = test.__doc__
    return run


class Calls(unittest.TestCase):
    def test_every_example_is_carried_out_and_answers_with_what_the_catalogue_says(self):
        """Each on a store of its own, after the examples that come before it."""
        for name, call in BY_NAME.items():
            with self.subTest(call=name), Store(LIBRARY) as store:
                answers = {}
                for earlier in [*CATALOGUE.before(name), name]:
                    request, buffers = example_of(BY_NAME[earlier], answers)
                    if earlier == "backup.back_up":
                        request["file"] = store.folder.name + "/" + request["file"]
                    answer = store.call(earlier, request, buffers)
                    self.assertTrue(answer.ok, f"{earlier}: {answer.message}")
                    answers[earlier] = answer.value
                self.assertEqual(list(misfits(call.result, answer.value, name)), [])
                self.assertEqual(len(answer.buffers), bodies_in(call.result, answer.value))


def bodies_in(type_, value):
    """How many buffers hold the bytes of an answer."""
    if type_.optional and value is None:
        return 0
    if type_.innermost.name == "bytes":
        return 1
    if type_.is_list:
        return sum(bodies_in(type_.of, each) for each in value)
    named = CATALOGUE.types.get(type_.name)
    if named is None or named.kind != "struct":
        return 0
    return sum(1 if one.type.innermost.name == "bytes" else bodies_in(one.type, value[one.json]) if one.json in value else 0
               for one in named.fields)


class Parameters(unittest.TestCase):
    """What is refused is refused before anything is asked, so that one empty store will do for all."""

    @classmethod
    def setUpClass(cls):
        cls.store = Store(LIBRARY)

    @classmethod
    def tearDownClass(cls):
        cls.store.__exit__()

    def refused(self, call, request, buffers):
        answer = self.store.call(call.name, request, buffers)
        self.assertEqual(answer.code, "InvalidArgument", f"{call.name} {request}: {answer.value}")
        return answer.message

    def whole(self, call, left_out=()):
        """A request with every parameter but these, and its buffers."""
        request, buffers = {}, []
        for each in call.parameters:
            if not each.over_json or each.name in left_out:
                continue
            if each.type.innermost.name == "bytes":
                buffers.append(b"x")
            else:
                request[each.name] = sample(each.type, each.limits)
                buffers += [b"x"] * bodies_in_request(each.type, request[each.name])
        return request, buffers

    def requests(self, call):
        """Those with all parameters, which are several where some exclude each other."""
        variants = [()]
        for pair in call.excludes:
            variants = [(*given, one) for given in variants for one in pair]
        return [self.whole(call, each) for each in variants]

    @for_each_call
    def test_every_parameter_is_known_and_no_other(self, call):
        for request, buffers in self.requests(call):
            self.assertEqual(self.refused(call, {**request, "zz": 1}, buffers), "zz is no parameter of this call")
        request, buffers = self.requests(call)[0]
        self.assertEqual(self.refused(call, request, [*buffers, b"x"]),
                         f"the call takes {len(buffers)} buffers, and {len(buffers) + 1} were given")

    @for_each_call
    def test_a_value_of_a_wrong_type_or_out_of_range_is_refused_by_the_parameters_name(self, call):
        for request, buffers in self.requests(call):
            for each in call.parameters:
                if each.name not in request:
                    continue
                for value in wrong(each.type, each.limits):
                    message = self.refused(call, {**request, each.name: value}, buffers)
                    self.assertRegex(message, rf"^{each.name}\b", f"{call.name} {each.name} = {value!r}")

    @for_each_call
    def test_fields_of_an_object_are_known_and_of_their_types(self, call):
        for each in call.parameters:
            named = CATALOGUE.types.get(each.type.innermost.name)
            if each.over_json and named is not None and named.kind == "struct":
                request, buffers = self.whole(call, {other.name for other in call.parameters if not other.required} - {each.name})
                self.check_fields(call, request, buffers, each, named)

    def check_fields(self, call, request, buffers, parameter, named):
        """A field in need of correction is named by its place in the request, or, where only the store knows, by its name."""
        def given(members):
            return {**request, parameter.name: [members] if parameter.type.required.is_list else members}

        right = sample(parameter.type.required)
        right = right[0] if parameter.type.required.is_list else right
        if not named.open:
            self.assertRegex(self.refused(call, given({**right, "zz": 1}), buffers), rf"^{parameter.name}\b.*\bzz\b")
        for one in named.fields:
            if one.json not in right:
                continue
            place = rf"^{parameter.name}\b|\b{one.json}\b"
            for value in wrong(one.type, one.limits):
                message = self.refused(call, given({**right, one.json: value}), buffers)
                self.assertRegex(message, place, f"{call.name} {one.json} = {value!r}")
            if one.given == "required":
                less = {name: value for name, value in right.items() if name != one.json}
                self.assertRegex(self.refused(call, given(less), buffers), place, f"{call.name} without {one.json}")

    @for_each_call
    def test_what_excludes_each_other_is_refused(self, call):
        for pair in call.excludes:
            request, buffers = self.whole(call, {name for other in call.excludes if other != pair for name in other} - set(pair))
            self.refused(call, request, buffers)


def bodies_in_request(type_, value):
    named = CATALOGUE.types.get(type_.innermost.name)
    if named is None or named.kind != "struct":
        return 0
    count = sum(one.type.innermost.name == "bytes" for one in named.fields)
    return count * len(value) if type_.required.is_list else count


if __name__ == "__main__":
    unittest.main()
