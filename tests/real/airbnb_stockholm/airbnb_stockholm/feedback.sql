-- reviews come without their stars: what is known is the mean of a listing, which stands here as one answer of the
-- day of its last review. The mean over listings is right by it, and no month of answers is
select
    id as feedback_id,
    'marketplace' as channel_code,
    'review' as kind_code,
    'one_to_five' as scale_code,
    review_scores_rating as score,
    last_review as answered_at
from 'listings_detailed.csv.gz'
where review_scores_rating is not null
