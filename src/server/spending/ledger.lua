-- A process tells what it has spent and which of its calls are under way, and may set something aside for one.
-- KEYS[1]: a hash with what each process has spent (`s:<process>`), and what it has set aside for a call and until
-- when (`r:<process>:<call>` = `amount:end`). Amounts are picodollars.
-- ARGV: process, what it has spent so far, the number of its latest call, milliseconds that all of it is kept, the call to
-- set something aside for, amount, limit, milliseconds that it is set aside, then its calls under way. Without a call,
-- nothing is set aside.
-- What a process has spent only grows, and calls are numbered: told late or twice, nothing changes; told to a store that
-- was emptied, it is there again.
-- Returns, as it stood before something was set aside, what all have spent and have set aside, and what others than
-- this process have, as text; and whether there was room: 1 or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local process, own_spent, own_calls = ARGV[1], 's:' .. ARGV[1], 'r:' .. ARGV[1] .. ':'
local latest = tonumber(ARGV[3])
local under_way = {}
for i = 9, #ARGV do
    under_way[ARGV[i]] = true
end
local known = redis.call('HGETALL', KEYS[1])
local told, others_spent, own_reserved, others_reserved = 0, 0, 0, 0
for i = 1, #known, 2 do
    local field, value = known[i], known[i + 1]
    if field == own_spent then
        told = tonumber(value) or 0
    elseif string.sub(field, 1, 2) == 's:' then
        others_spent = others_spent + (tonumber(value) or 0)
    else
        local amount, ends = string.match(value, '^(%d+):(%d+)$')
        local call = string.sub(field, 1, #own_calls) == own_calls and string.sub(field, #own_calls + 1)
        local has_ended = call and not under_way[call] and (tonumber(call) or 0) <= latest
        if not amount or tonumber(ends) <= now or has_ended then
            redis.call('HDEL', KEYS[1], field)
        elseif call then
            own_reserved = own_reserved + tonumber(amount)
        else
            others_reserved = others_reserved + tonumber(amount)
        end
    end
end
local tells = tonumber(ARGV[2])
if tells > told then
    redis.call('HSET', KEYS[1], own_spent, ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
local spent, reserved = others_spent + math.max(tells, told), others_reserved + own_reserved
local room = 0
if ARGV[5] ~= '' and spent + reserved + tonumber(ARGV[6]) <= tonumber(ARGV[7]) then
    local ends = string.format('%.0f', now + ARGV[8])
    redis.call('HSET', KEYS[1], own_calls .. ARGV[5], ARGV[6] .. ':' .. ends)
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    room = 1
end
local text = function(amount)
    return string.format('%.0f', amount)
end
return {text(spent), text(reserved), text(others_spent), text(others_reserved), room}
