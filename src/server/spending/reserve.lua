-- Sets something aside, if there is room for it. Asked again under an id that it knows, it does nothing: neither counts
-- what is set aside twice, nor what was settled before this came.
-- KEYS[1]: a hash with what is spent (`s`), and under each id what is set aside and until when (`amount:end`). Amounts
-- are picodollars.
-- ARGV: id, amount, limit, milliseconds that it is set aside, milliseconds that all of it is kept. Without an id, nothing
-- is set aside.
-- Returns what was spent and what else was set aside, as text, and whether there was room: 1 or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HGETALL', KEYS[1])
local spent, reserved, ended, is_known = 0, 0, {}, false
for i = 1, #known, 2 do
    if known[i] == 's' then
        spent = tonumber(known[i + 1])
    else
        local amount, ends = string.match(known[i + 1], '^(%d+):(%d+)$')
        if not amount or tonumber(ends) <= now then
            ended[#ended + 1] = known[i]
        elseif known[i] == ARGV[1] then
            is_known = true
        else
            reserved = reserved + tonumber(amount)
        end
    end
end
for _, id in ipairs(ended) do
    redis.call('HDEL', KEYS[1], id)
end
local room = 0
if is_known then
    room = 1
elseif ARGV[1] ~= '' and spent + reserved + tonumber(ARGV[2]) <= tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. string.format('%.0f', now + ARGV[4]))
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
    room = 1
end
return {string.format('%.0f', spent), string.format('%.0f', reserved), room}
