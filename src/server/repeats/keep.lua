-- Renews the lease of a checkpoint, or ends it, and keeps a value.
-- KEYS[1]: as in begin.lua.
-- ARGV: holder, milliseconds of the lease, milliseconds that all of it is kept, the value if there is a new one.
-- Returns whether the lease was the holder's: 1 or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'h')
if known[1] ~= ARGV[1] then
    return 0
end
redis.call('HSET', KEYS[1], 'u', now + ARGV[2])
if ARGV[4] then
    redis.call('HSET', KEYS[1], 'v', ARGV[4])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
