"""Requests as MLflow's clients and deployment targets send them to a scoring server, against `slipway serve`."""
import io
import json
import pathlib
import sys
import unittest

import numpy
import pyarrow
import pyarrow.parquet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oip"))
from served_model import COLUMNS, ROWS, Served  # noqa: E402


def cell(value):
    return None if numpy.isnan(value) else value


class Scoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served().__enter__()
        cls.split = [[cell(value) for value in row] for row in ROWS]
        cls.records = [dict(zip(COLUMNS, row)) for row in cls.split]

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def invoke(self, body, content_type="application/json"):
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.served.request("/invocations", data, {"Content-Type": content_type})

    def assert_predicts(self, body, content_type="application/json"):
        status, headers, answer = self.invoke(body, content_type)
        self.assertEqual(status, 200, answer)
        self.assertEqual(headers.get_content_type(), "application/json")
        self.assertEqual(json.loads(answer)["predictions"], self.served.expected().tolist())

    def assert_refused(self, body, code, pattern, content_type="application/json"):
        status, _, answer = self.invoke(body, content_type)
        self.assertEqual(status, 400, answer)
        error = json.loads(answer)
        self.assertEqual(error["error_code"], code)
        self.assertRegex(error["message"], pattern)

    def test_every_json_form(self):
        self.assert_predicts({"dataframe_split": {"columns": COLUMNS, "data": self.split}})
        self.assert_predicts({"dataframe_split": {"index": [0, 1, 2], "data": self.split, "columns": COLUMNS}})
        self.assert_predicts({"dataframe_records": self.records})
        self.assert_predicts({"instances": self.records})
        self.assert_predicts({"inputs": {name: [row[name] for row in self.records] for name in COLUMNS}})
        self.assert_predicts({"inputs": self.split})

    def test_bare_nan_and_extra_columns_in_any_order(self):
        body = {"dataframe_records": [{"extra": "x", "delay": value, "hour": hour, "distance": distance}
                                      for distance, hour, value in ROWS]}
        text = json.dumps(body)
        self.assertIn("NaN", text)
        self.assert_predicts(text)

    def test_csv(self):
        lines = [",".join(COLUMNS)] + [",".join("" if cell(v) is None else repr(v) for v in (row[0], int(row[1]), row[2]))
                                       .replace("np.float64(", "").replace(")", "") for row in ROWS]
        self.assert_predicts("\n".join(lines) + "\n", "text/csv")
        self.assert_refused("", "BAD_REQUEST", "empty", "text/csv")

    def test_parquet(self):
        table = pyarrow.table({"hour": pyarrow.array([int(row[1]) for row in ROWS], pyarrow.int64()),
                               "delay": [cell(row[2]) for row in ROWS], "distance": [row[0] for row in ROWS],
                               "extra": ["x"] * 3})
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(table, buffer)
        self.assert_predicts(buffer.getvalue(), "application/vnd.apache.parquet")
        self.assert_refused(buffer.getvalue()[:-20], "BAD_REQUEST", "Parquet", "application/vnd.apache.parquet")
        texts = table.set_column(0, "hour", pyarrow.array(["7", "21", "12"]))
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(texts, buffer)
        self.assert_refused(buffer.getvalue(), "INVALID_PARAMETER_VALUE", "Can not safely convert",
                            "application/vnd.apache.parquet")

    def test_refusals(self):
        self.assert_refused({"dataframe_records": [{"delay": 1}]}, "INVALID_PARAMETER_VALUE",
                            r"Model is missing inputs \['distance', 'hour'\]\.")
        self.assert_refused("not json", "BAD_REQUEST", "valid JSON")
        self.assert_refused({"nothing": 1}, "BAD_REQUEST", "dataframe_split")
        self.assert_refused({"dataframe_records": [{"distance": 1, "hour": "seven"}]}, "BAD_REQUEST", "column hour")
        self.assert_refused({"dataframe_split": {"columns": COLUMNS, "data": [[1, 2]]}}, "BAD_REQUEST",
                            "3 columns passed, passed data had 2 columns")

    def test_content_types(self):
        status, headers, answer = self.invoke("{}", "text/plain")
        self.assertEqual((status, headers.get_content_type()), (415, "text/plain"))
        self.assertIn(b"text/csv", answer)
        self.assertEqual(self.invoke("{}", "application/json; format=pandas-split")[0], 415)
        self.assertEqual(self.invoke({"inputs": self.split}, "application/json; charset=utf-8")[0], 200)

    def test_health(self):
        for path in ("/ping", "/health"):
            status, headers, body = self.served.request(path)
            self.assertEqual((status, headers.get_content_type(), body), (200, "application/json", b"\n"))
        self.assertEqual(self.served.request("/ping", b"", method="POST")[0], 405)
        self.assertRegex(self.served.request("/version")[2].decode(), r"^\d+\.\d+\.\d+$")
        self.assertEqual(self.served.request("/nowhere")[0], 404)


if __name__ == "__main__":
    unittest.main()
