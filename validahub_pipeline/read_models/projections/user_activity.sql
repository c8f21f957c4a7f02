INSERT INTO user_activity
SELECT user_id, day, action, count(*), max(at)
FROM batch
GROUP BY user_id, day, action
ON CONFLICT (user_id, day, action) DO UPDATE SET
    count = user_activity.count + excluded.count,
    last_at = greatest(user_activity.last_at, excluded.last_at);
