"""Requests made from the real client's own descriptors: every call with its paths and fields, filled in as a client would or bent
in a way that breaks parsers. The same seed gives the same requests."""
import collections
import json
import random
import re
import urllib.parse

from google.protobuf.descriptor import FieldDescriptor
from mlflow.protos import databricks_pb2, mlflow_artifacts_pb2, model_registry_pb2, service_pb2, webhooks_pb2

Call = collections.namedtuple("Call", "name method path message")
Request = collections.namedtuple("Request", "call method target body content_type")

LONG = "k" * 1_000_000
TEXTS = [
    "", " ", "a", "0", "-1", "None", "null", "true", "default", "\0", "a\0b", "\u202e\ufeff", "ü\U0001f600\u0301", "\ud800", "\udfff\ud800", "\n\r\t",
    LONG, "/" * 5000, "(" * 20_000, "%" * 300, "%00", "%2e%2e%2f", "%252e%252e%252f", "%c0%ae%c0%ae/", "%zz", "%n%s%x", "{0}{a!r}", "${jndi:x}",
    "../../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "mlflow-artifacts:/../x", "runs:/x/../..", "models:/a/b/c", "s3://x/../y",
    "http://127.0.0.1:1/", "https://[::1]/x", "http://169.254.169.254/", "data:text/html,x", "javascript:alert(1)", "<script>alert(1)</script>",
    "' OR '1'='1", "'; DROP TABLE runs; --", '" OR 1=1 --', "1) UNION SELECT 1,2,3 --", "\\", "\\'", "''", '""', "``", "a`b", "`'\"", "0x10", "1e309",
    "99999999999999999999", "1.5", "NaN", "Infinity", "9223372036854775808", "-9223372036854775809", "00000000000000000000", "+1", "1_000", "٣",
    "eyJvZmZzZXQiOiAtMX0=", "eyJvZmZzZXQiOiA5OTk5OTk5OTk5OTk5OTk5OTk5fQ==", "eyJvZmZzZXQiOiAxfQ==", "====", "a" * 251, "é" * 250,
]  # fmt: skip
FILTERS = [
    "metrics.loss > 1", "metrics.`a b` < 1e400", "metrics.x = 'a'", "metrics.m = NaN", "params.lr = '0.1'", "params.lr LIKE '%'", "params.\"q\" ILIKE '_%\\'",
    "tags.`a.b` != ''", "tags.x IS NULL", "tags.x IS NOT NULL AND tags.y IS NULL", "attributes.status IN ('FINISHED', 'FAILED')", "run_id IN ()",
    "attributes.start_time > 9223372036854775808", "attributes.start_time >= -1.5e300", "start_time = 'x'", "name = 'a' AND", "AND", "name", "= 'x'", "name = ",
    "name = 'unclosed", "name LIKE '" + "%a" * 2000 + "'", "name = '" + "x" * 100_000 + "'", "(" * 5000 + "name = 'a'" + ")" * 5000, "name RLIKE '(a+)+$'",
    "tags.x RLIKE '" + "(" * 3000 + "'", "name = 'a' OR name = 'b'", "NOT name = 'a'", "name = 'a'; DELETE FROM runs", "name = 'a' -- x", "name = 'a' /* x */",
    "span.name = 'x'", "span.attributes.x LIKE '%y%'", "feedback.good = 'true'", "expectation.x != 'y'", "trace.status = 'OK'", "timestamp_ms > 5", "dataset.name = 'x'",
    "metadata.x = 'y'", "request_metadata.x LIKE 'y%'", "execution_time_ms < 10", "version_number > 5", "version_number = 'x'", "source_path = 'x'", "experiment_id = 'abc'",
    "creation_time > 'x'", "datasets.digest IN ('a')", "end_time > 1e19", "tag.x = 'y'", "prompt = 'a/1'", "prompt = 'a'", "\0", "name = '\0'", "name = '\ud800'",
]  # fmt: skip
ORDERS = ["metrics.loss DESC", "params.`a b` ASC", "attributes.start_time", "x", "", "start_time SIDEWAYS", "tags.x DESC; DROP TABLE runs", "name ASC, name DESC", "timestamp_ms desc"]
NUMBERS = [0, 1, -1, 2, 100, 1000, 50_000, 2**31, 2**31 - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30, 1.5, -0.0, 1e308, 5e-324]
RAW_NUMBERS = ["1e999", "-1e999", "NaN", "-Infinity", "00", "0x1", "1.", ".5", "1e", "9" * 5000, "-"]
OTHERS = [None, True, False, [], {}, [[]], [None], {"": None}, [1, "a", None], {"a": {"b": [{}]}}]


def calls():
    """Every call that the client's descriptors know, at every path that they give it."""
    out = []
    for module in (service_pb2, model_registry_pb2, webhooks_pb2, mlflow_artifacts_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                for end in method.GetOptions().Extensions[databricks_pb2.rpc].endpoints:
                    out.append(Call(method.name, end.method, f"/api/{end.since.major}.0{end.path}", method.input_type))
    assert len(out) > 150
    return out


def quoted(text, safe):
    return urllib.parse.quote(text[:6000].encode("utf-8", "surrogatepass"), safe=safe)


class Raw(str):
    """Goes into the body as it is."""


class Generator:
    """`known` maps names of fields to values that the server knows."""

    def __init__(self, seed, known):
        self.random, self.known, self.calls = random.Random(seed), known, calls()

    def request(self, call=None):
        call = call or self.random.choice(self.calls)
        fields = self.message(call.message, depth=0)
        target = self.fill(call.path, fields)
        if self.random.random() < 0.1:
            target = target.replace("/api/", "/ajax-api/", 1)
        if call.method == "GET" and self.random.random() < 0.9:
            return Request(call.name, "GET", self.with_query(target, fields), None, None)
        body = written(fields)
        kind = "application/json"
        if self.random.random() < 0.2:
            body = self.broken(body)
        if self.random.random() < 0.03:
            kind = self.random.choice(["text/plain", "", "application/json; charset=utf-16", "application/x-protobuf", "multipart/form-data", "x" * 9000])
        return Request(call.name, call.method, target, body, kind)

    def fill(self, path, fields):
        def value(found):
            name = found[1].split(":")[-1].split(".")[-1]
            chosen = str(self.known_value(name) if self.random.random() < 0.6 else self.random.choice(TEXTS))[:3000]
            if self.random.random() < 0.2:
                return re.sub(r"[\s#?\0]|[^\x21-\x7e]", "%", chosen) or "x"  # not encoded at all
            return quoted(chosen, self.random.choice(["", "/"]))

        return re.sub(r"[<{]([^>}]+)[>}]", value, path)

    def with_query(self, target, fields):
        pairs = []
        for name, value in fields.items():
            for one in value if isinstance(value, list) else [value]:
                text = one if isinstance(one, str) else json.dumps(one)
                pairs.append(quoted(name, "") + "=" + quoted(text, self.random.choice(["", "%&="])))
        if self.random.random() < 0.05:
            pairs.append(self.random.choice(["%", "%%%=", "=", "&&&", "a=%ff%fe", "=x", "a" * 5000]))
        return target + "?" + "&".join(pairs)

    def known_value(self, name):
        return self.random.choice(self.known.get(name) or [name])

    def message(self, descriptor, depth):
        out = {}
        for field in descriptor.fields:
            if self.random.random() < 0.85:
                out[field.name] = self.value(field, depth)
        if self.random.random() < 0.03:
            out[self.random.choice(TEXTS)] = self.random.choice(OTHERS)
        return out

    def value(self, field, depth):
        if self.random.random() < 0.12:
            return self.bent()
        if field.is_repeated:
            count = self.random.choice([0, 1, 1, 2, 3] + ([2000] if depth == 0 and self.random.random() < 0.05 else []))
            return [self.one(field, depth) for _ in range(count)]
        return self.one(field, depth)

    def one(self, field, depth):
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            return self.message(field.message_type, depth + 1) if depth < 4 else {}
        if field.type == FieldDescriptor.TYPE_ENUM:
            return self.random.choice([*field.enum_type.values_by_name, "", "NO_SUCH", 1, 99, -1])
        if field.type == FieldDescriptor.TYPE_BOOL:
            return self.random.choice([True, False])
        if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
            return self.text(field.name)
        number = self.random.choice(NUMBERS)
        return str(number) if self.random.random() < 0.1 else number

    def text(self, name):
        chance = self.random.random()
        if name in self.known and chance < 0.7:
            return self.known_value(name)
        if "filter" in name and chance < 0.9:
            return self.random.choice(FILTERS)
        if "order_by" in name and chance < 0.8:
            return self.random.choice(ORDERS)
        return self.random.choice(TEXTS) if chance < 0.8 else f"text {self.random.randrange(1000)}"

    def bent(self):
        chance = self.random.random()
        if chance < 0.1:
            return Raw(self.random.choice(RAW_NUMBERS))
        if chance < 0.15:
            depth = self.random.choice([50, 500, 20_000])
            return Raw(self.random.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth]))
        return self.random.choice(self.random.choice([OTHERS, NUMBERS, TEXTS, FILTERS]))

    def broken(self, body):
        """Bytes cut off, changed, doubled; other encodings; other things than an object."""
        kind = self.random.randrange(7)
        if kind == 0:
            return body[: self.random.randrange(len(body) + 1)]
        if kind == 1 and body:
            changed = bytearray(body)
            for _ in range(self.random.randrange(1, 6)):
                changed[self.random.randrange(len(changed))] = self.random.randrange(256)
            return bytes(changed)
        if kind == 2:
            return body + self.random.choice([b"x", b"{}", b"\0", b",", b"]" * 1000])
        if kind == 3:
            return self.random.choice([b"\xef\xbb\xbf" + body, body.decode("utf-8", "replace").encode("utf-16"), b"\xff\xfe\xfd", b"\x80" * 100])
        if kind == 4:
            return self.random.choice([b"", b"[]", b"null", b"1", b'"x"', b"{", b"}", b"[" * 50_000, b'{"a":1,"a":2}', b"\x1f\x8b\x08\0", b" " * 100_000])
        if kind == 5:
            return body.replace(b'"', b"'", 1)
        return body.replace(b":", b":" + self.random.choice([b" ", b"\t\n", b"/*x*/", b"\x0b", b":"]), 1)


def written(value):
    """As JSON, with half characters and what is Raw as they are."""
    if isinstance(value, Raw):
        return str(value).encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + written(one) for name, one in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(written(one) for one in value) + b"]"
    return json.dumps(value).encode()
