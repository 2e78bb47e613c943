"""The stock Triton client against `slipway serve`: JSON and binary, named columns and one matrix."""
import json
import pathlib
import sys
import unittest

import numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from served_model import COLUMNS, ROWS, Served  # noqa: E402


def column_inputs(rows, binary):
    kinds = {"distance": ("FP64", numpy.float64), "hour": ("INT64", numpy.int64), "delay": ("FP32", numpy.float32)}
    inputs = []
    for index, name in enumerate(COLUMNS):
        datatype, kind = kinds[name]
        tensor = triton.InferInput(name, [len(rows), 1], datatype)
        tensor.set_data_from_numpy(rows[:, index:index + 1].astype(kind), binary_data=binary)
        inputs.append(tensor)
    return inputs


def matrix_input(rows, binary, datatype="FP64", kind=numpy.float64):
    tensor = triton.InferInput("input-0", list(rows.shape), datatype)
    tensor.set_data_from_numpy(rows.astype(kind), binary_data=binary)
    return [tensor]


class OpenInferenceProtocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served().__enter__()
        cls.client = triton.InferenceServerClient(f"127.0.0.1:{cls.served.port}")

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.served.__exit__()

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("late"))
        self.assertTrue(self.client.is_model_ready("late", "1"))
        self.assertFalse(self.client.is_model_ready("late", "9"))
        self.assertFalse(self.client.is_model_ready("unknown"))
        self.assertIn("binary_tensor_data", self.client.get_server_metadata()["extensions"])
        metadata = self.client.get_model_metadata("late")
        self.assertEqual([tensor["name"] for tensor in metadata["inputs"]], COLUMNS)
        self.assertEqual([tensor["datatype"] for tensor in metadata["inputs"]], ["FP64", "INT64", "FP64"])
        self.assertEqual(metadata["outputs"][0]["datatype"], "FP64")

    def test_repository_index_with_an_empty_body(self):
        index = self.client.get_model_repository_index()
        self.assertEqual([(entry["name"], entry["state"]) for entry in index], [("late", "READY")])

    def test_named_columns(self):
        for binary in (True, False):
            # JSON has no NaN; the client writes the bare token, as Python does.
            result = self.client.infer("late", column_inputs(ROWS, binary), request_id="q1")
            numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected())
            self.assertEqual(result.get_response()["id"], "q1")
            self.assertEqual(result.get_response()["model_version"], "1")

    def test_one_matrix(self):
        for binary in (True, False):
            result = self.client.infer("late", matrix_input(ROWS, binary))
            numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected())

    def test_half_and_single_precision(self):
        rows = numpy.array([[1400.0, 7, 3.5], [200.0, 21, -4.0]])
        for datatype, kind in (("FP16", numpy.float16), ("FP32", numpy.float32)):
            result = self.client.infer("late", matrix_input(rows, True, datatype, kind))
            numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected(rows))

    def test_requested_outputs(self):
        for binary in (True, False):
            wanted = [triton.InferRequestedOutput("prediction", binary_data=binary)]
            result = self.client.infer("late", matrix_input(ROWS, False), outputs=wanted)
            numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected())
            self.assertEqual("data" in result.get_output("prediction"), not binary)
        with self.assertRaisesRegex(InferenceServerException, "no output 'zz'"):
            self.client.infer("late", matrix_input(ROWS, False), outputs=[triton.InferRequestedOutput("zz")])

    def test_many_rows(self):
        rows = numpy.tile(ROWS, (1000, 1))
        result = self.client.infer("late", matrix_input(rows, True))
        numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected(rows))

    def test_compression_both_ways(self):
        for kind in ("gzip", "deflate"):
            result = self.client.infer("late", matrix_input(ROWS, True), request_compression_algorithm=kind,
                                       response_compression_algorithm=kind)
            numpy.testing.assert_array_equal(result.as_numpy("prediction"), self.served.expected())

    def test_many_requests_at_once(self):
        with triton.InferenceServerClient(f"127.0.0.1:{self.served.port}", concurrency=4) as client:
            running = [client.async_infer("late", matrix_input(ROWS, True)) for _ in range(100)]
            for one in running:
                numpy.testing.assert_array_equal(one.get_result().as_numpy("prediction"), self.served.expected())

    def test_refusals_carry_a_text(self):
        with self.assertRaisesRegex(InferenceServerException, "model 'zz' is not served"):
            self.client.infer("zz", matrix_input(ROWS, True))
        with self.assertRaisesRegex(InferenceServerException, "version '9'"):
            self.client.infer("late", matrix_input(ROWS, True), model_version="9")
        with self.assertRaisesRegex(InferenceServerException, "3 numeric columns"):
            self.client.infer("late", matrix_input(ROWS[:, :2], True))
        with self.assertRaisesRegex(InferenceServerException, "missing: 'distance'"):
            self.client.infer("late", column_inputs(ROWS, True)[1:])
        misspelt = triton.InferInput("distanse", [len(ROWS), 1], "FP64")
        misspelt.set_data_from_numpy(numpy.ascontiguousarray(ROWS[:, :1], dtype=numpy.float64))
        with self.assertRaisesRegex(InferenceServerException, "no input 'distanse'; not sent by name: 'distance'"):
            self.client.infer("late", [misspelt, *column_inputs(ROWS, True)[1:]])

    def test_without_any_content_type(self):
        body = json.dumps({"inputs": [{"name": "m", "shape": [1, 3], "datatype": "FP64", "data": [[1400, 7, None]]}]})
        for content_type in ("application/json", "application/octet-stream", "text/plain"):
            status, _, answer = self.served.request("/v2/models/late/infer", body, {"Content-Type": content_type})
            self.assertEqual(status, 200)
            expected = self.served.expected(numpy.array([[1400.0, 7, numpy.nan]]))
            self.assertEqual(json.loads(answer)["outputs"][0]["data"], expected.tolist())

    def test_predictions_are_logged_and_counted(self):
        self.client.infer("late", matrix_input(ROWS, True), parameters={"prediction_ids": ["a", "b", "c"]})
        metrics = self.served.request("/metrics")[2].decode()
        self.assertIn('slipway_model_info{model="late",version="1"} 1', metrics)
        self.assertRegex(metrics, r'slipway_prediction_log_rows_total\{model="late"\} [1-9]')
        with self.assertRaisesRegex(InferenceServerException, "2 prediction_ids for 3 rows"):
            self.client.infer("late", matrix_input(ROWS, True), parameters={"prediction_ids": ["a", "b"]})


if __name__ == "__main__":
    unittest.main()
