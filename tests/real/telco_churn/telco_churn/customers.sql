select customerID as profile_id
from 'WA_Fn-UseC_-Telco-Customer-Churn.csv'
