-- Sends prepared requests one after the other, and prints what came of it as one line of JSON.
-- The file holds whole HTTP requests, each with a zero byte behind it.
local requests, position = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in file:read("*a"):gmatch("([^%z]+)%z") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"n_answers":%d,"micros":%d,"n_broken":%d,"n_refused":%d,"p50_micros":%d,"p99_micros":%d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
