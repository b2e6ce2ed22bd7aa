//! What is in a picture, told in a sentence that can be read out.

/// Words for small numbers, by number.
const NUMBERS: [&str; 21] = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Last words whose plural follows no rule; other words that end like them follow them.
const PLURALS: [(&str, &str); 21] = [
    ("person", "people"),
    ("sheep", "sheep"),
    ("fish", "fish"),
    ("deer", "deer"),
    ("aircraft", "aircraft"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("child", "children"),
    ("human", "humans"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("knife", "knives"),
    ("leaf", "leaves"),
    ("loaf", "loaves"),
    ("shelf", "shelves"),
    ("wolf", "wolves"),
    ("calf", "calves"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
];

/// What cannot be counted by itself, how much of it there is in one, and in several.
const MEASURES: [(&str, &str, &str); 4] = [
    ("scissors", "pair of", "pairs of"),
    ("skis", "pair of", "pairs of"),
    ("broccoli", "piece of", "pieces of"),
    ("glasses", "pair of", "pairs of"),
];

/// Labels that are short for something, and how they are said.
const SAID: [(&str, &str); 2] = [("tv", "TV"), ("hair drier", "hair dryer")];

/// The sentence about things of these labels, in the order in which each is first named: "In this picture
/// there are two wine glasses, six people and one potted plant."
pub fn narration<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for label in labels.into_iter().map(noun) {
        match counts.iter_mut().find(|(known, _)| *known == label) {
            Some((_, count)) => *count += 1,
            None => counts.push((label, 1)),
        }
    }
    let parts: Vec<String> = counts.iter().map(|(label, count)| counted(label, *count)).collect();
    let list = match parts.as_slice() {
        [] => return "In this picture I have found nothing that I know.".into(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    // The verb goes with what comes next: "there is one dog and two cats".
    let verb = if counts.first().is_some_and(|(_, count)| *count == 1) { "is" } else { "are" };
    format!("In this picture there {verb} {list}.")
}

/// A label without its article, as a person may have asked for it.
pub fn noun(label: &str) -> &str {
    let without = ["a ", "an ", "the "].iter().find_map(|article| label.strip_prefix(article));
    without.unwrap_or(label)
}

/// "one car", "two cars", "three pairs of scissors".
fn counted(label: &str, count: usize) -> String {
    let number = NUMBERS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned());
    let label = SAID.iter().find(|(short, _)| *short == label).map_or(label, |(_, said)| said);
    match MEASURES.iter().find(|(name, ..)| *name == label) {
        Some((_, one, several)) => {
            format!("{number} {} {label}", if count == 1 { one } else { several })
        }
        None if count == 1 => format!("{number} {label}"),
        None => format!("{number} {}", plural(label)),
    }
}

/// Several of a thing: only the last word changes.
fn plural(label: &str) -> String {
    for (one, several) in PLURALS {
        if let Some(before) = label.strip_suffix(one) {
            return format!("{before}{several}");
        }
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| label.ends_with(end));
    let vowel_before_y = ends(&["ay", "ey", "iy", "oy", "uy"]);
    match label.strip_suffix('y') {
        Some(before) if !vowel_before_y => format!("{before}ies"),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{label}es"),
        _ => format!("{label}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(labels: &[(&str, usize)], want: &str) {
        let each = labels.iter().flat_map(|(label, count)| std::iter::repeat_n(*label, *count));
        assert_eq!(narration(each), want);
    }

    #[test]
    fn things_are_counted_in_the_order_in_which_they_are_first_seen() {
        let dinner = [("wine glass", 2), ("person", 6), ("potted plant", 1)];
        check(
            &dinner,
            "In this picture there are two wine glasses, six people and one potted plant.",
        );
        let mixed = ["cat", "dog", "cat", "tv", "dog", "cat"];
        assert_eq!(narration(mixed), "In this picture there are three cats, two dogs and one TV.");
    }

    #[test]
    fn the_verb_goes_with_what_comes_next() {
        check(&[("dog", 1)], "In this picture there is one dog.");
        check(&[("dog", 1), ("cat", 2)], "In this picture there is one dog and two cats.");
        check(&[("bus", 3)], "In this picture there are three buses.");
    }

    #[test]
    fn what_was_asked_for_with_an_article_is_counted_without() {
        check(
            &[("a red car", 2), ("an owl", 1)],
            "In this picture there are two red cars and one owl.",
        );
        check(
            &[("a car", 1), ("car", 1), ("art", 1)],
            "In this picture there are two cars and one art.",
        );
    }

    #[test]
    fn nothing_found_is_a_sentence_too() {
        check(&[], "In this picture I have found nothing that I know.");
    }

    #[test]
    fn numbers_are_words_up_to_twenty() {
        check(&[("bird", 20)], "In this picture there are twenty birds.");
        check(&[("bird", 21)], "In this picture there are 21 birds.");
        check(&[("bird", 13)], "In this picture there are thirteen birds.");
    }

    #[test]
    fn what_cannot_be_counted_is_measured() {
        check(&[("scissors", 1)], "In this picture there is one pair of scissors.");
        check(&[("skis", 2)], "In this picture there are two pairs of skis.");
        check(&[("broccoli", 5)], "In this picture there are five pieces of broccoli.");
    }

    /// The 80 labels that DETR's public checkpoints were trained for, and what two of each are.
    #[test]
    fn every_label_of_coco_has_its_plural() {
        let all = "people bicycles cars motorcycles airplanes buses trains trucks boats traffic_lights \
            fire_hydrants stop_signs parking_meters benches birds cats dogs horses sheep cows elephants \
            bears zebras giraffes backpacks umbrellas handbags ties suitcases frisbees pairs_of_skis \
            snowboards sports_balls kites baseball_bats baseball_gloves skateboards surfboards \
            tennis_rackets bottles wine_glasses cups forks knives spoons bowls bananas apples sandwiches \
            oranges pieces_of_broccoli carrots hot_dogs pizzas donuts cakes chairs couches potted_plants \
            beds dining_tables toilets TVs laptops mice remotes keyboards cell_phones microwaves ovens \
            toasters sinks refrigerators books clocks vases pairs_of_scissors teddy_bears hair_dryers \
            toothbrushes";
        let labels = "person bicycle car motorcycle airplane bus train truck boat traffic_light \
            fire_hydrant stop_sign parking_meter bench bird cat dog horse sheep cow elephant bear zebra \
            giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard sports_ball kite \
            baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork \
            knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair \
            couch potted_plant bed dining_table toilet tv laptop mouse remote keyboard cell_phone \
            microwave oven toaster sink refrigerator book clock vase scissors teddy_bear hair_drier \
            toothbrush";
        let words = |text: &str| -> Vec<String> {
            text.split_whitespace().map(|word| word.replace('_', " ")).collect()
        };
        let (labels, all) = (words(labels), words(all));
        assert_eq!((labels.len(), all.len()), (80, 80));
        for (label, several) in labels.iter().zip(all) {
            assert_eq!(counted(label, 2), format!("two {several}"));
        }
    }

    #[test]
    fn labels_of_other_models_follow_the_rules() {
        for (one, several) in [
            ("cross", "crosses"),
            ("box", "boxes"),
            ("fish", "fish"),
            ("cherry", "cherries"),
            ("toy", "toys"),
            ("policeman", "policemen"),
            ("woman", "women"),
            ("human", "humans"),
            ("bookshelf", "bookshelves"),
            ("house", "houses"),
            ("heart", "hearts"),
        ] {
            assert_eq!(plural(one), several);
        }
    }
}
