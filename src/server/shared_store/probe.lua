-- Whether a script may do here all that the others do: a user who may do a part of it would be found out by requests,
-- again and again.
redis.call('TIME')
redis.call('HMGET', KEYS[1], 'probe')
redis.call('HGETALL', KEYS[1])
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('HDEL', KEYS[1], 'probe')
redis.call('PEXPIRE', KEYS[1], 1000)
return 1
