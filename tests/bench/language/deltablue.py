# One-way constraints between variables, kept true by an incremental planner.
import sys
import time


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.mark = 0
        self.stay = True
        self.strength = 6
        self.determined_by = None
        self.constraints = []


class Constraint:
    def __init__(self, strength):
        self.strength = strength
        self.satisfied = False

    def variables(self):
        raise NotImplementedError

    def post(self):
        for variable in self.variables():
            variable.constraints.append(self)

    def drop(self):
        for variable in self.variables():
            variable.constraints.remove(self)


class Edit(Constraint):
    def __init__(self, variable, strength):
        super().__init__(strength)
        self.output = variable

    def variables(self):
        return (self.output,)

    def choose(self, mark):
        return self.output.mark != mark and self.strength < self.output.strength

    def inputs(self):
        return ()

    def execute(self):
        pass


class Scale(Constraint):
    def __init__(self, source, factor, offset, output, strength):
        super().__init__(strength)
        self.source = source
        self.factor = factor
        self.offset = offset
        self.output = output

    def variables(self):
        return self.source, self.factor, self.offset, self.output

    def choose(self, mark):
        return self.output.mark != mark and self.strength < self.output.strength

    def inputs(self):
        return self.source, self.factor, self.offset

    def execute(self):
        self.output.value = self.source.value * self.factor.value + self.offset.value


class Planner:
    def __init__(self):
        self.mark = 0

    def add(self, constraint):
        constraint.post()
        self.satisfy(constraint)

    def satisfy(self, constraint):
        self.mark += 1
        while constraint is not None:
            constraint = self.enforce(constraint)

    def enforce(self, constraint):
        if not constraint.choose(self.mark):
            constraint.satisfied = False
            return None
        for variable in constraint.inputs():
            variable.mark = self.mark
        output = constraint.output
        overridden = output.determined_by
        if overridden is not None:
            overridden.satisfied = False
        output.determined_by = constraint
        constraint.satisfied = True
        self.propagate(constraint)
        output.mark = self.mark
        return overridden

    def propagate(self, constraint):
        todo = [constraint]
        while todo:
            current = todo.pop()
            output = current.output
            weakest = current.strength
            for variable in current.inputs():
                if variable.strength > weakest:
                    weakest = variable.strength
            output.strength = weakest
            current.execute()
            for follower in output.constraints:
                if follower.satisfied and follower.output is not output:
                    todo.append(follower)

    def remove(self, constraint):
        output = constraint.output
        constraint.drop()
        constraint.satisfied = False
        output.determined_by = None
        output.strength = 6
        waiting = [other for other in output.constraints if not other.satisfied and other.output is output]
        waiting.sort(key=lambda other: other.strength)
        for other in waiting:
            self.satisfy(other)

    def plan(self, start):
        steps = []
        todo = [start]
        while todo:
            constraint = todo.pop(0)
            steps.append(constraint)
            for follower in constraint.output.constraints:
                if follower.satisfied and follower.output is not constraint.output:
                    todo.append(follower)
        return steps


def chain(planner, length):
    factor = Variable("factor", 1)
    offset = Variable("offset", 2)
    variables = [Variable(f"v{i}", 0) for i in range(length)]
    for source, output in zip(variables, variables[1:]):
        planner.add(Scale(source, factor, offset, output, 3))
    return variables, factor, offset


def main():
    total = 0
    for round in range(22):
        planner = Planner()
        variables, factor, offset = chain(planner, 80)
        for value in range(30):
            edit = Edit(variables[0], 1)
            variables[0].value = value
            planner.add(edit)
            plan = planner.plan(edit)
            for step in plan:
                step.execute()
            total += variables[-1].value + len(plan)
            planner.remove(edit)
        for value in range(10):
            edit = Edit(factor, 2)
            factor.value = value
            planner.add(edit)
            total += variables[3].value & 1023
            planner.remove(edit)
    return total


begin = time.perf_counter()
for _ in range(1):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
