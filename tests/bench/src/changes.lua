-- Creates tokens, or revokes those whose ids a file names, one after the other; writes down the ids
-- of what it created.
local threads, verb, cookie = {}, nil, nil
ids, position = {}, 0

local function post(path, body)
  return "POST " .. path .. " HTTP/1.1\r\nHost: exportgate\r\nCookie: " .. cookie ..
    "\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: " ..
    #body .. "\r\n\r\n" .. body
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  verb, cookie = arguments[1], arguments[2]
  if verb == "revoke" then
    for id in io.lines(arguments[3]) do
      ids[#ids + 1] = id
    end
  end
end

function request()
  position = position + 1
  if verb == "create" then
    return post("/v1/tokens", '{"label":"Bench ' .. position .. '"}')
  end
  -- Whoever is faster than there are tokens revokes the last one again, which changes nothing.
  return post("/v1/tokens/" .. ids[math.min(position, #ids)] .. "/revoke", "")
end

function response(status, headers, body)
  if verb == "create" then
    ids[#ids + 1] = body:match('"token_id":"([%w_-]+)"')
  end
end

function done(summary, latency)
  if #threads > 0 and os.getenv("BENCH_IDS") then
    local file = assert(io.open(os.getenv("BENCH_IDS"), "w"))
    for _, id in ipairs(threads[1]:get("ids")) do
      file:write(id, "\n")
    end
    file:close()
  end
  tell(summary, latency)
end
