"""What a Redis does for the event log in one step: nobody sees half of it, and it is done whole or not at all."""

CLAIM = """
-- Takes or keeps the log for ARGV[1], for ARGV[2] milliseconds, and writes its notes down.
-- KEYS: owner, state, notes. ARGV: token, milliseconds, newest tick, then names and values of notes.
-- Returns 1 and the newest stamp, or 0 and for how many milliseconds somebody else has it.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return {0, redis.call('PTTL', KEYS[1])}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local stamp = math.max(tonumber(redis.call('HGET', KEYS[2], 'stamp') or '0'), tonumber(ARGV[3]))
redis.call('HSET', KEYS[2], 'stamp', string.format('%.0f', stamp))
for n = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[3], ARGV[n], ARGV[n + 1])
end
return {1, stamp}
"""

RELEASE = """
-- KEYS: owner. ARGV: token.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""

APPEND = """
-- KEYS: owner, state, and of each record: stream, keys of its kind, subjects of its kind, entries of its subject.
-- ARGV: token, and of each record: subject, key ('' = none), stamp, kind, content.
-- Returns of each record: its sequence, and 1 where it was there already.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('LOST another intake has this event log')
end
local sequence = tonumber(redis.call('HGET', KEYS[2], 'sequence') or '0')
local stamp = tonumber(redis.call('HGET', KEYS[2], 'stamp') or '0')
local told = {}
for n = 0, (#ARGV - 1) / 5 - 1 do
  local stream, keys, subjects, entries = unpack(KEYS, 3 + 4 * n, 6 + 4 * n)
  local subject, key, asked, kind, content = unpack(ARGV, 2 + 5 * n, 6 + 5 * n)
  local held = key ~= '' and redis.call('HGET', keys, key)
  if held then
    told[#told + 1] = tonumber(held)
    told[#told + 1] = 1
  else
    sequence = sequence + 1
    stamp = math.max(tonumber(asked), stamp + 1)
    local place = string.format('%.0f', sequence)
    redis.call('XADD', stream, place .. '-0', 'stamp', string.format('%.0f', stamp), 'kind', kind,
      'subject', subject, 'key', key, 'content', content)
    redis.call('RPUSH', entries, place)
    redis.call('ZADD', subjects, 0, subject)
    if key ~= '' then
      redis.call('HSET', keys, key, place)
    end
    told[#told + 1] = sequence
    told[#told + 1] = 0
  end
end
redis.call('HSET', KEYS[2], 'sequence', string.format('%.0f', sequence), 'stamp', string.format('%.0f', stamp))
return told
"""

OF = """
-- KEYS: entries of a subject, stream. Returns of each entry its sequence, and its 1st and 5th field, stamp and content.
local told = {}
for _, place in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], place .. '-0', place .. '-0')) do
    local fields = entry[2]
    told[#told + 1] = place
    told[#told + 1] = fields[2]
    told[#told + 1] = fields[10]
  end
end
return told
"""

PRUNE = """
-- KEYS: owner, a stream. ARGV: token, name of the log, kind, earliest stamp that stays, last sequence that goes, most.
-- Returns how many were removed. All names of a log have one hash tag, so those made here are on the same node.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('LOST another intake has this event log')
end
local name, kind = ARGV[2], ARGV[3]
local gone = 0
local after = '-'
while gone < tonumber(ARGV[6]) do
  local part = redis.call('XRANGE', KEYS[2], after, ARGV[5], 'COUNT', ARGV[6])
  for _, entry in ipairs(part) do
    local place, fields = entry[1], entry[2]
    if tonumber(fields[2]) >= tonumber(ARGV[4]) or gone >= tonumber(ARGV[6]) then
      return gone
    end
    if fields[4] == kind then
      local subject, key = fields[6], fields[8]
      local entries = name .. 'of:' .. kind .. ':' .. subject
      redis.call('XDEL', KEYS[2], place)
      redis.call('LREM', entries, 1, string.match(place, '^%d+'))
      if redis.call('EXISTS', entries) == 0 then
        redis.call('ZREM', name .. 'subjects:' .. kind, subject)
      end
      if key ~= '' then
        redis.call('HDEL', name .. 'keys:' .. kind, key)
      end
      gone = gone + 1
    end
    after = '(' .. place
  end
  if #part < tonumber(ARGV[6]) then
    return gone
  end
end
return gone
"""
