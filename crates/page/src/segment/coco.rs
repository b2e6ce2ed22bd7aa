//! Masks as COCO writes them: https://cocodataset.org/#format-data, with uncompressed runs.

use serde_json::json;

use super::work::Thing;
use crate::{
    canvas::mask::{area, bounds, columns},
    picture::header::Size,
};

/// The things that have a mask, in a picture of this name and size.
pub fn coco<'a>(things: impl Iterator<Item = &'a Thing>, name: &str, size: Size) -> String {
    let things: Vec<_> = things.filter_map(|thing| Some((thing, thing.mask.as_deref()?))).collect();
    let mut labels: Vec<&str> = things.iter().map(|(thing, _)| thing.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    let id = |label: &str| labels.iter().position(|known| *known == label).map(|at| at + 1);
    let annotations: Vec<_> = things
        .iter()
        .map(|(thing, mask)| {
            let [left, top, right, bottom] = bounds(mask).unwrap_or_default();
            json!({
                "id": thing.id, "image_id": 1, "category_id": id(&thing.label), "score": thing.score(),
                "segmentation": { "size": [size.height, size.width], "counts": columns(mask) },
                "bbox": [left, top, right - left, bottom - top], "area": area(mask), "iscrowd": 0,
            })
        })
        .collect();
    let categories: Vec<_> = (1..)
        .zip(&labels)
        .map(|(id, name): (usize, _)| json!({ "id": id, "name": name }))
        .collect();
    let all = json!({
        "images": [{ "id": 1, "file_name": name, "width": size.width, "height": size.height }],
        "categories": categories,
        "annotations": annotations,
    });
    format!("{all:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::work::tests::{SIZE, candidate, work};

    #[test]
    fn a_file_holds_every_mask_with_its_rectangle_and_runs() {
        let mut work = work();
        work.add(vec![
            ("car".into(), Default::default(), vec![candidate([1, 1, 3, 2], 0.5)]),
            ("bee".into(), Default::default(), vec![candidate([0, 0, 1, 3], 0.9)]),
        ]);
        let text = coco(work.things.iter(), "a.png", SIZE);
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(all["categories"][1], json!({ "id": 2, "name": "car" }));
        let first = &all["annotations"][0];
        assert_eq!(first["bbox"], json!([1, 1, 2, 1]));
        assert_eq!((&first["area"], &first["category_id"]), (&json!(2), &json!(2)));
        // 4 wide, 3 high: down the columns, from the left.
        let runs = json!({ "size": [3, 4], "counts": [4, 1, 2, 1, 4] });
        assert_eq!(first["segmentation"], runs);
        let second = &all["annotations"][1];
        assert_eq!(second["segmentation"]["counts"], json!([0, 3, 9]));
        assert_eq!(all["annotations"].as_array().unwrap().len(), 2);
    }
}
