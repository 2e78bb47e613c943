-- Calls of MLflow's API for wrk. CALL names the call, RUNS_FILE lists run ids (one a line), EXPERIMENT is an id, BODY a body for
-- `post`. Requests go round the runs; no two log the same point until a run comes round again.
local call = os.getenv("CALL")
local runs = {}
for line in io.lines(os.getenv("RUNS_FILE")) do runs[#runs + 1] = line end
local json = { ["Content-Type"] = "application/json" }
local api = "/api/2.0/mlflow/"
local count = 0

local function post(path, body) return wrk.format("POST", api .. path, json, body) end
local function next_run() return runs[count % #runs + 1] end

local points = {}
for i = 0, 999 do
  points[#points + 1] = string.format('{"key":"m%d","value":%.17g,"timestamp":%d,"step":%d}', i % 10, math.random(),
                                      1700000000000 + i, math.floor(i / 10))
end
local batch_end = '","metrics":[' .. table.concat(points, ",") .. '],"params":[],"tags":[]}'

local calls = {
  ["log-metric"] = function()
    return post("runs/log-metric", string.format('{"run_id":"%s","key":"loss","value":%.17g,"timestamp":%d,"step":%d}',
                                                 next_run(), 1 / count, 1700000000000 + count, count))
  end,
  ["log-batch"] = function() return post("runs/log-batch", '{"run_id":"' .. next_run() .. batch_end) end,
  ["create-run"] = function()
    return post("runs/create", string.format(
      '{"experiment_id":"%s","start_time":%d,"tags":[{"key":"mlflow.user","value":"u"},{"key":"mlflow.source.name",' ..
      '"value":"train.py"},{"key":"mlflow.source.type","value":"LOCAL"}]}', os.getenv("EXPERIMENT"), 1700000000000 + count))
  end,
  ["get-run"] = function() return wrk.format("GET", api .. "runs/get?run_id=" .. runs[1]) end,
  ["search"] = function() return post("runs/search", os.getenv("BODY")) end,
  ["get"] = function() return wrk.format("GET", os.getenv("BODY")) end,
}
local make = calls[call]
if not make then error("no such call: " .. tostring(call)) end

function request()
  count = count + 1
  return make()
end
