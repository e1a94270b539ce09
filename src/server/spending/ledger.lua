-- A process tells what it has spent, frees what it no longer needs, and may set something aside.
-- KEYS[1]: a hash with what each process has spent (`s:<process>`), and what it has set aside for a call and until
-- when (`r:<process>:<call>` = `amount:end`). Amounts are picodollars.
-- ARGV: process, what it has spent so far, milliseconds that all of it is kept, call, amount, limit, milliseconds that it
-- is set aside, then calls of this process that have ended. Without a call, nothing is set aside.
-- What a process has spent only grows: told late or twice, it changes nothing, and told to a store that was emptied
-- it is there again.
-- Returns, as it stood before something was set aside: what all have spent, what all have set aside, what others
-- than this process have spent and set aside, all as text; and whether there was room: 1 or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local process, own_spent = ARGV[1], 's:' .. ARGV[1]
for i = 8, #ARGV do
    redis.call('HDEL', KEYS[1], 'r:' .. process .. ':' .. ARGV[i])
end
local known = redis.call('HGETALL', KEYS[1])
local spent, reserved, others, told = 0, 0, 0, -1
for i = 1, #known, 2 do
    local field, value = known[i], known[i + 1]
    if field == own_spent then
        told = tonumber(value) or -1
    elseif string.sub(field, 1, 2) == 's:' then
        local amount = tonumber(value) or 0
        spent, others = spent + amount, others + amount
    else
        local amount, ends = string.match(value, '^(%d+):(%d+)$')
        if amount and tonumber(ends) > now then
            reserved = reserved + tonumber(amount)
            if string.sub(field, 3, 2 + #process) ~= process then
                others = others + tonumber(amount)
            end
        else
            redis.call('HDEL', KEYS[1], field)
        end
    end
end
local tells = tonumber(ARGV[2])
if tells > math.max(told, 0) then
    redis.call('HSET', KEYS[1], own_spent, ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
spent = spent + math.max(tells, told)
local room = 0
if ARGV[4] ~= '' and spent + reserved + tonumber(ARGV[5]) <= tonumber(ARGV[6]) then
    local ends = string.format('%.0f', now + ARGV[7])
    redis.call('HSET', KEYS[1], 'r:' .. process .. ':' .. ARGV[4], ARGV[5] .. ':' .. ends)
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    room = 1
end
return {string.format('%.0f', spent), string.format('%.0f', reserved), string.format('%.0f', others), room}
