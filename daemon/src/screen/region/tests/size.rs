//! Terminals of any size, and those that change it.

use super::stand::{MODERN, Stand, finding, step};
use crate::terminal::{Ability, Palette};
use proptest::prelude::*;

#[test]
fn a_new_size_is_painted_anew_and_the_lines_above_come_with_it() {
    let mut stand = Stand::showing(MODERN, 100, 40);
    stand.tell(&step());
    for (columns, rows) in [(80, 24), (60, 24), (100, 50), (45, 23), (80, 24), (200, 30)] {
        stand.resize(columns, rows);
        assert!(
            stand.is_read() && stand.is_whole(),
            "{columns}x{rows}: {:?}",
            stand.lines()
        );
        stand.tell(&step());
        assert!(stand.is_read(), "{columns}x{rows}");
    }
    stand.resize(30, 10);
    assert!(stand.says("picture"), "{:?}", stand.lines());
    stand.resize(100, 40);
    assert!(stand.is_read() && stand.says("To sign in at example.com:"));
}

fn any_ability() -> impl Strategy<Value = Ability> {
    let colours = prop_oneof![
        Just(Palette::None),
        Just(Palette::Eight),
        Just(Palette::Sixteen),
        Just(Palette::Fixed)
    ];
    (colours, any::<bool>(), any::<bool>()).prop_map(|(colours, unicode, light)| Ability {
        colours,
        unicode,
        moves: true,
        light,
    })
}

/// Either the whole code is on the screen, or one line with a way out.
fn holds(stand: &Stand) -> Result<(), TestCaseError> {
    prop_assert!(stand.is_whole(), "{:?}", stand.lines());
    let way_out = stand.says("picture") || stand.says("png:");
    prop_assert!(stand.has_code() || way_out, "{:?}", stand.lines());
    Ok(())
}

proptest! {
    #[test]
    fn whatever_the_size_all_of_the_code_is_there_or_a_way_out(
        ability in any_ability(), columns in 20_usize..200, rows in 10_usize..80,
        then in (20_usize..200, 10_usize..80),
    ) {
        let mut stand = Stand::showing(ability, columns, rows);
        holds(&stand)?;
        for told in [step(), finding("BT08"), finding("NW15")] {
            stand.tell(&told);
            holds(&stand)?;
        }
        stand.resize(then.0, then.1);
        holds(&stand)?;
        stand.tell(&step());
        holds(&stand)?;
        let rows = stand.size.1;
        let (cursor, _) = stand.terminal.screen().cursor_position();
        prop_assert!(usize::from(cursor) < rows);
    }
}

#[test]
fn from_42_columns_and_22_rows_on_a_code_is_read_and_from_20_rows_on_one_with_less_margin() {
    for columns in [37, 41, 80] {
        for rows in [19, 20, 21, 22, 29, 30] {
            let mut stand = Stand::showing(MODERN, columns, rows);
            stand.tell(&finding("BT08"));
            let fits = rows >= 20;
            assert_eq!(stand.has_code(), fits, "{columns}x{rows}");
            if fits {
                assert!(stand.is_read(), "{columns}x{rows}: {:?}", stand.lines());
            }
        }
    }
    assert!(!Stand::showing(MODERN, 36, 40).has_code());
}
