"""`python -m benchmarks.servers.answering PORT`: says the same to every HTTP request, and keeps its lines open."""

import asyncio
import sys

from tools.throwaway import LOOPBACK

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Requests without a body, one after another until the other side hangs up."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(ANSWER)
    except asyncio.IncompleteReadError:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(answer, LOOPBACK, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
