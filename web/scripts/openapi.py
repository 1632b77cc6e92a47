"""Prints the API's own description, from which `src/api/schema.d.ts` is generated. Needs no server."""

from __future__ import annotations

import json
import secrets

from milepost import testing
from milepost.api.server import create_api

api = create_api(testing.World().engine, ready=dict, owner_token=secrets.token_urlsafe())
print(json.dumps(api.openapi(), indent=1, ensure_ascii=False, sort_keys=True))
