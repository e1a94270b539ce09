-- Whether a script may do here what the others do.
redis.call('TIME')
redis.call('HMGET', KEYS[1], 'probe')
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('PEXPIRE', KEYS[1], 1000)
return 1
