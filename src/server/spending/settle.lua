-- So much is spent, and what was set aside for it is free. Asked again, it does nothing.
-- KEYS[1]: as in reserve.lua; what is settled stands there for a while with an amount of 0.
-- ARGV: id, what is spent, milliseconds that it is remembered, milliseconds that all of it is kept.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], ARGV[1])
if not known[1] or string.sub(known[1], 1, 2) ~= '0:' then
    redis.call('HSET', KEYS[1], ARGV[1], '0:' .. string.format('%.0f', now + ARGV[3]))
    redis.call('HINCRBY', KEYS[1], 's', ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
