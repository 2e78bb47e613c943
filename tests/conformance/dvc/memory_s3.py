"""An S3 server that keeps objects in memory, quick enough to be no limit, and that fails in the ways servers fail.

As a program it listens on a free port and prints its origin: memory_s3.py [BUCKET]. In a test: `with running() as s3`,
and `s3.fault` decides what happens to a request.

A fault is a function of (method, key) that gives None or one of: "busy" (503), "reset" (the connection ends in the
middle of the answer, or of the request), "slow" (a second of silence), "wrong" (other bytes of the same length),
"denied" (403), "full" (507).
"""
import asyncio
import contextlib
import hashlib
import sys
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

PAGE = 1000


class Storage:
    def __init__(self, buckets=("bucket",)):
        self.objects = {bucket: {} for bucket in buckets}
        self.uploads = {}
        self.fault = lambda method, key: None
        self.requests = 0
        self.origin = ""

    def answer(self, method, bucket, key, query, headers, body):
        """Status, fields and body."""
        objects = self.objects.get(bucket)
        if objects is None:
            return failure(404, "NoSuchBucket")
        if method in ("GET", "HEAD") and not key:
            return self.listing(objects, query)
        if "uploads" in query or "uploadId" in query:
            return self.parts(method, objects, key, query, body)
        if method in ("GET", "HEAD"):
            if key not in objects:
                return failure(404, "NoSuchKey")
            return content(objects[key], headers)
        if method == "PUT":
            objects[key] = body
            return 200, {"ETag": tag(body)}, b""
        if method == "DELETE":
            objects.pop(key, None)
            return 204, {}, b""
        return failure(405, "MethodNotAllowed")

    def listing(self, objects, query):
        prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
        found = sorted(key for key in objects if key.startswith(prefix) and key > after)
        page = found[:PAGE]
        items = "".join(f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[key])}</Size></Contents>" for key in page)
        more = len(found) > PAGE
        rest = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        text = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{rest}{items}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, text.encode()

    def parts(self, method, objects, key, query, body):
        if "uploads" in query:
            name = f"upload{len(self.uploads)}"
            self.uploads[name] = {}
            return 200, {}, f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>".encode()
        upload = self.uploads.get(query["uploadId"])
        if upload is None:
            return failure(404, "NoSuchUpload")
        if method == "PUT":
            upload[int(query["partNumber"])] = body
            return 200, {"ETag": tag(body)}, b""
        del self.uploads[query["uploadId"]]
        if method == "POST":
            objects[key] = b"".join(upload[number] for number in sorted(upload))
            return 200, {}, b"<CompleteMultipartUploadResult/>"
        return 204, {}, b""


def tag(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


def failure(status, code):
    return status, {}, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def content(body, headers):
    fields = {"ETag": tag(body), "Accept-Ranges": "bytes"}
    wanted = headers.get("range", "")
    if not wanted.startswith("bytes="):
        return 200, fields, body
    first, last = wanted.removeprefix("bytes=").split("-")
    first, last = int(first), min(int(last or len(body)), len(body) - 1)
    if first >= len(body):
        return failure(416, "InvalidRange")
    fields["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return 206, fields, body[first:last + 1]


FAULTS = {"busy": (503, "SlowDown"), "denied": (403, "AccessDenied"), "full": (507, "QuotaExceeded")}


class Connection(asyncio.Protocol):
    def __init__(self, storage):
        self.storage = storage
        self.received = bytearray()
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        while True:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self.received[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
            size = int(headers.get("content-length", 0))
            if headers.get("expect") == "100-continue" and len(self.received) == end + 4:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if len(self.received) < end + 4 + size:
                return
            body = bytes(self.received[end + 4:end + 4 + size])
            del self.received[:end + 4 + size]
            self.serve(lines[0], headers, body)

    def serve(self, line, headers, body):
        method, target, _ = line.split(" ")
        path, _, query = target.partition("?")
        bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        self.storage.requests += 1
        fault = self.storage.fault(method, key)
        if fault in FAULTS:
            return self.send(method, *failure(*FAULTS[fault]))
        if fault == "reset" and method == "PUT":
            return self.transport.abort()
        if fault == "slow":
            time.sleep(1)
        values = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        status, fields, answer = self.storage.answer(method, bucket, key, values, headers, body)
        if fault == "wrong":
            answer = bytes(byte ^ 1 for byte in answer)
        self.send(method, status, fields, answer, cut=fault == "reset")

    def send(self, method, status, fields, body, cut=False):
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        shown = b"" if method == "HEAD" else body
        if cut:
            shown = shown[:len(shown) // 2]
        self.transport.write(f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + shown)
        if cut:
            self.transport.close()


async def listen(storage):
    server = await asyncio.get_running_loop().create_server(lambda: Connection(storage), "127.0.0.1", 0, backlog=1024)
    storage.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    return server


@contextlib.contextmanager
def running():
    storage = Storage()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(listen(storage))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield storage
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def main():
    storage = Storage(sys.argv[1:] or ("bucket",))
    server = await listen(storage)
    print(storage.origin, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
