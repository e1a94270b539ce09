-- Takes the lease of a checkpoint, if nobody holds it.
-- KEYS[1]: a hash with the body (`b`), the chain (`c`) and the value (`v`) that is kept, who holds it (`h`) and until
-- when (`u`).
-- ARGV: body, chain, holder, milliseconds of the lease, milliseconds that all of it is kept.
-- Returns whether it is `mine`, `busy` or about an `other` body, and the value, empty if there is none.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[4])
local known = redis.call('HMGET', KEYS[1], 'b', 'c', 'v', 'h', 'u')
if known[1] and known[1] ~= ARGV[1] then
    return {'other', ''}
end
local ends = tonumber(known[5]) or 0
-- One that ends later than it could was made by another clock.
if known[4] and known[4] ~= ARGV[3] and ends > now and ends <= now + lease then
    return {'busy', ''}
end
local value = ''
if known[2] == ARGV[2] and known[3] then
    value = known[3]
end
redis.call('HSET', KEYS[1], 'b', ARGV[1], 'c', ARGV[2], 'v', value, 'h', ARGV[3], 'u', now + lease)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {'mine', value}
