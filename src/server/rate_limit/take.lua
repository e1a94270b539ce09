-- Counts a request by all limits, or by none.
-- KEYS[1]: a hash with, for each window, the requests that passed in it (`n`) and when it ends (`e`), after the window's
-- length; and when the last of all windows ends (`e` alone). Those who call may have windows of other lengths: after a
-- reload, or while replicas are restarted one by one.
-- ARGV: for each window its length in milliseconds, and the most requests that pass in it.
-- Returns for each window the requests that had passed before, and the milliseconds it still lasts.
local LONGEST = 366 * 86400000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local names = {'e'}
for i = 1, #ARGV, 2 do
    names[i + 1] = ARGV[i] .. 'n'
    names[i + 2] = ARGV[i] .. 'e'
end
local known = redis.call('HMGET', KEYS[1], unpack(names))
local last = math.min(tonumber(known[1]) or 0, now + LONGEST)
local passes, reply, counted = true, {}, {}
for i = 1, #ARGV, 2 do
    local length, most = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    local used, ends = tonumber(known[i + 1]), tonumber(known[i + 2])
    if not used or not ends or ends <= now then
        used, ends = 0, now + length
    elseif ends > now + length then
        -- The clock was set back, or is another server's.
        ends = now + length
    end
    passes = passes and used < most
    last = math.max(last, ends)
    reply[i], reply[i + 1] = used, ends - now
    counted[2 * i - 1], counted[2 * i] = names[i + 1], used + 1
    counted[2 * i + 1], counted[2 * i + 2] = names[i + 2], ends
end
if passes then
    redis.call('HSET', KEYS[1], 'e', last, unpack(counted))
    redis.call('PEXPIRE', KEYS[1], last - now)
end
return reply
