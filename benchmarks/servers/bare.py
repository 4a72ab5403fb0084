"""`python -m benchmarks.servers.bare PORT`: nothing but the websockets library, to broadcast and (at /echo) to echo."""

import asyncio
import sys
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from benchmarks.servers.control import obey
from benchmarks.servers.frame import TEXT
from tools.throwaway import LOOPBACK


async def hold(connection: ServerConnection) -> None:
    """Echo what comes; most sockets only listen."""
    async for message in connection:
        await connection.send(message)


async def control(connection: ServerConnection, request: Request) -> Response | None:
    address = urlsplit(request.path)
    if not address.path.startswith("/benchmark/"):
        return None

    async def send_to_all(frames: int) -> None:
        for _ in range(frames):
            broadcast(connection.server.connections, TEXT)
            await asyncio.sleep(0)

    return connection.respond(HTTPStatus.OK, await obey(address.path, address.query, send_to_all))


async def main(port: int) -> None:
    server: Server
    async with serve(hold, LOOPBACK, port, process_request=control) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
