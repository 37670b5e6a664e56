from st2common.runners.base_action import Action


class Pick(Action):
    def run(self, tree, count=2):
        if tree == "thorn":
            raise ValueError("nothing grows on a thorn")
        return ["%s %d" % (tree, number + 1) for number in range(count)]
