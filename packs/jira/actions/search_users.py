"""Searches users."""

from jira_api import Jira
from jira_views import user_view
from st2common.runners.base_action import Action


class SearchUsersAction(Action):
    def run(self, query, start_at=0, max_results=50, include_active=True, include_inactive=False):
        how = {"includeActive": include_active, "includeInactive": include_inactive}
        found = Jira(self.config).users(query, start_at, max_results, **how)
        wanted = {True: include_active, False: include_inactive}
        return [user_view(user) for user in found if wanted[bool(user.get("active", True))]]
