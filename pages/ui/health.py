"""`/healthz`: for a monitor or a container, whether the server answers."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def _answer(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


healthz = Route("/healthz", _answer)
