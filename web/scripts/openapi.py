"""Prints the API's own description, from which `src/api/schema.d.ts` is generated. Needs no server."""

from __future__ import annotations

import json
from typing import Any, cast

from milepost.api.server import create_api

api = create_api(cast(Any, None), ready=dict, owner_token="")
print(json.dumps(api.openapi(), indent=1, ensure_ascii=False, sort_keys=True))
