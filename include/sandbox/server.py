"""The channels' APIs on one loopback port, and the switches that make them misbehave.

/<channel>/…    each channel's API, under its source's name
/health, /sandbox/{advance,faults,defects,ledger,served}
"""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from include.sandbox import defects
from include.sandbox.channel import Counts
from include.sandbox.desk import Desk
from include.sandbox.faults import NAMES, Fault, Faults
from include.sandbox.seasons import utc_text
from include.sandbox.stage import PastTheEnd, Stage


class FaultOrder(BaseModel):
    """A misbehaviour to be played."""

    name: str
    stream: str = "*"
    times: int = 1
    seconds: float = 35.0


class DefectOrder(BaseModel):
    """A defect to be put in or taken out."""

    name: str
    on: bool = True


def make_app(stage: Stage, speed: float, faults: Faults | None = None) -> FastAPI:
    """Return the sandbox; its limits are SPEED times as generous as the vendors'."""
    app = FastAPI(title="CX Warehouse sandbox", docs_url=None, redoc_url=None)
    misbehaviour = faults if faults is not None else Faults()
    for name, channel in stage.channels.items():
        if router := channel.routes(Desk(stage, channel, misbehaviour, speed)):
            app.include_router(router, prefix=f"/{name}")

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"errors": error.detail}, error.status_code, error.headers)

    @app.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "ok", "now": utc_text(stage.now), "defects": stage.on}

    @app.post("/sandbox/advance")
    async def advance(days: int = 1) -> dict[str, str]:
        try:
            stage.advance(days)
        except PastTheEnd as error:
            raise HTTPException(409, str(error)) from error
        return {"now": utc_text(stage.now)}

    @app.post("/sandbox/faults")
    async def play(order: FaultOrder) -> dict[str, int]:
        if order.name not in NAMES:
            raise HTTPException(422, f"{order.name} is no fault: choose one of {', '.join(NAMES)}.")
        misbehaviour.waiting.append(Fault(order.name, order.stream, order.times, order.seconds))
        return {"waiting": len(misbehaviour.waiting)}

    @app.delete("/sandbox/faults")
    async def behave() -> dict[str, int]:
        misbehaviour.waiting.clear()
        return {"waiting": 0}

    @app.post("/sandbox/defects")
    async def switch(order: DefectOrder) -> dict[str, object]:
        if order.name not in defects.NAMES:
            raise HTTPException(422, f"{order.name} is no defect: choose one of {', '.join(defects.NAMES)}.")
        stage.switch(order.name, order.on)
        return {"now": utc_text(stage.now), "defects": stage.on}

    @app.get("/sandbox/ledger")
    async def show_ledger() -> dict[str, Counts]:
        return stage.ledger()

    @app.get("/sandbox/served")
    async def show_served() -> dict[str, dict[str, object]]:
        return stage.served()

    return app
