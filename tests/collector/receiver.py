"""Receives spans on loopback: prints the address, then each span as a line of JSON, until its input ends."""

import asyncio
import json
import socket
import sys

from google.protobuf.json_format import MessageToDict
from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def print_spans(receiver):
    async for span in receiver.stream_traces():
        print(json.dumps(MessageToDict(span)), flush=True)


async def main():
    port = free_port()
    async with OtelTapHttpProtobufReceiver(OtelTapHttpProtobufReceiverSettings(http_port=port)) as receiver:
        printing = asyncio.create_task(print_spans(receiver))
        # The stream begins when its task first runs.
        await asyncio.sleep(0)
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        printing.cancel()


asyncio.run(main())
