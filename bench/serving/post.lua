-- Posts the file named by BODY_FILE with every request; a status other than 200 is counted by wrk itself.
local file = assert(io.open(os.getenv("BODY_FILE"), "rb"))
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = file:read("*a")
file:close()
