"""MLflow's client as it is in a new process. The client keeps the address of the server, the active experiment, run and model, a
cache of prompts and a queue of traces in the process and in MLFLOW_ variables; some of its calls go on in threads of their own.
What one test leaves there must reach no other."""
import os
import threading

import mlflow
from mlflow.prompt.registry_utils import PromptCache
from mlflow.tracing import provider, trace_manager
from mlflow.tracking import fluent

VARIABLES = {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}


def finish_background_calls():
    """Waits for what the client does after a call has returned."""
    for thread in threading.enumerate():
        if thread.name.startswith("link_prompt"):
            thread.join(30)
            assert not thread.is_alive(), f"the client's thread {thread.name} does not end"
    if provider.is_tracing_enabled():
        mlflow.flush_trace_async_logging(terminate=True)


def forget_everything():
    finish_background_calls()
    fluent._active_run_stack.reset()  # without a word to the server, which may be gone
    fluent._last_active_run_id.reset()
    fluent._last_logged_model_id.reset()
    fluent._active_experiment_id = None
    mlflow.clear_active_model()
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)
    PromptCache._reset_instance()
    trace_manager.InMemoryTraceManager.reset()
    provider.reset()
    for name in [name for name in os.environ if name.startswith("MLFLOW_") and name not in VARIABLES]:
        del os.environ[name]
    os.environ.update(VARIABLES)
