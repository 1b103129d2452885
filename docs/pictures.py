"""The README's pictures, taken anew of the app as it is: `make pictures` runs this, with a Chromium on the path."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from deploy.local import ROOT, SETTLED, chromium, served

FOLDER = ROOT / "assets" / "screenshots"
WIDTH = 1360
VIEWS = {
    "spectral_reach": ("/?n=4&s=2", 970),
    "compare_methods": ("/compare_methods?n=4&s=2", 1740),
    "target_eigenvalue": ("/target_eigenvalue?n=4&s=2&re=0.3&im=0.4", 1060),
    "inside_the_polytope": ("/inside_the_polytope?n=4&s=1&layer=certified+slice", 970),
    "your_matrices": ("/your_matrices", 900),
    "stream_mixing": ("/stream_mixing", 1000),
    "language_model": ("/language_model", 1000),
    "complexity": ("/complexity?n=4&s=2", 900),
    "choose": ("/choose?n=4&most_numbers=28", 1100),
}
"""By name: what the picture is of, and how high it is."""

COLOURS, PATIENCE = 256, 180_000
"""Of a picture, which makes it small; and milliseconds until a page must be complete."""


def complete(page: Page) -> None:
    """Wait until nothing on the page is at work any more."""
    for _ in range(3):  # what is computed may be drawn by a run of its own
        page.wait_for_selector(SETTLED, timeout=PATIENCE)
        page.wait_for_function(
            "!document.querySelector('[data-testid=stProgress], [data-testid=stSkeleton]')", timeout=PATIENCE
        )
        page.wait_for_timeout(2000)


def main() -> None:
    """Take every picture."""
    with served() as app, sync_playwright() as playwright:
        browser = chromium(playwright)
        for name, (path, height) in VIEWS.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto(app.address + path)
            complete(page)
            picture = (
                Image.open(BytesIO(page.screenshot()))
                .convert("RGB")
                .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
            )
            picture.save(FOLDER / f"{name}.png", optimize=True)
            page.close()
            print(f"{name}: {(FOLDER / f'{name}.png').stat().st_size:,} bytes", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
