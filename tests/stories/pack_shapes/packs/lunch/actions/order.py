from st2common.runners.base_action import Action


class Order(Action):
    def run(self, dishes, people=1):
        priced = [{"name": dish.title(), "price": len(dish)} for dish in dishes]
        return {"dishes": priced, "people": people, "total": people * sum(dish["price"] for dish in priced)}
