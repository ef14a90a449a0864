-- Prints what came of a turn as one line of JSON; stands before each of the scripts.
local function tell(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"n_answers":%d,"micros":%d,"n_broken":%d,"n_refused":%d,"p50_micros":%d,"p99_micros":%d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
