"""An ordinary training script, as a user would write it: only MLFLOW_TRACKING_URI says where it logs to."""
import mlflow
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("iris")
mlflow.sklearn.autolog()
features, target = load_iris(return_X_y=True, as_frame=True)
with mlflow.start_run(run_name="first") as run:
    model = LogisticRegression(max_iter=200).fit(features, target)
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("broken", float("nan"))
    mlflow.log_params({"solver_note": "lbfgs", "seed": 7})
    mlflow.set_tag("team", "botany")
    mlflow.log_text("hello", "notes/readme.txt")
    mlflow.log_input(mlflow.data.from_pandas(features, source="iris.csv", name="iris"), context="training")
    logged = mlflow.sklearn.log_model(model, name="model", registered_model_name="iris", input_example=features.head(2))
mlflow.sklearn.autolog(disable=True)

client = mlflow.MlflowClient()
client.set_registered_model_alias("iris", "champion", 1)
expected = model.predict(features)
for uri in ("models:/iris@champion", "models:/iris/1", "models:/iris/latest", logged.model_uri, f"runs:/{run.info.run_id}/model"):
    served = mlflow.pyfunc.load_model(uri)
    assert np.array_equal(served.predict(features), expected), uri
print("run", run.info.run_id)
