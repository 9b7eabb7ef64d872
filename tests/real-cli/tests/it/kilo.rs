//! The real kilo CLI: what is true of every agent.

use crate::agents::KILO;
use crate::shared::{self, tests_of};

tests_of! { KILO:
    work_in_front_and_behind_leaves_the_same_record => shared::work_in_front_and_behind;
    a_wrong_key_is_4 => shared::a_wrong_key_is_4;
    a_rate_limit_is_6 => shared::a_rate_limit_is_6;
    a_spent_quota_is_6 => shared::a_spent_quota_is_6;
    an_unfinished_stream_is_1 => shared::an_unfinished_stream_is_1;
    read_only_writes_nothing => shared::read_only_writes_nothing;
    a_stop_leaves_no_process => shared::a_stop_leaves_no_process;
    runs_at_once_on_one_home_do_not_disturb_each_other => shared::runs_at_once;
}
