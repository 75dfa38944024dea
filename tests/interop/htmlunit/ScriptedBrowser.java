import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.htmlunit.CookieManager;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebClient;
import org.htmlunit.WebRequest;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.htmlunit.HtmlUnitDriver;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Does in HtmlUnit what the `browser` section of a suite's configuration says; one line of JSON in, one line out. */
public final class ScriptedBrowser {
    private static final Map<String, CookieManager> COOKIES = new HashMap<>();

    static final class Driver extends HtmlUnitDriver {
        private static CookieManager next;

        Driver(CookieManager cookies) {
            super(remember(cookies));
            setJavascriptEnabled(true);
        }

        private static org.htmlunit.BrowserVersion remember(CookieManager cookies) {
            next = cookies;
            return org.htmlunit.BrowserVersion.getDefault();
        }

        @Override
        protected WebClient modifyWebClient(WebClient client) {
            client.setCookieManager(next);
            client.getOptions().setThrowExceptionOnScriptError(false);
            return client;
        }

        WebClient client() {
            return getWebClient();
        }
    }

    public static void main(String[] words) throws Exception {
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF);
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(visit(JsonParser.parseString(line).getAsJsonObject()));
        }
    }

    private static JsonObject visit(JsonObject asked) {
        CookieManager cookies = COOKIES.computeIfAbsent(asked.get("cookies").getAsString(), name -> new CookieManager());
        Driver driver = new Driver(cookies);
        JsonObject told = new JsonObject();
        JsonArray pages = new JsonArray();
        told.add("pages", pages);
        try {
            URL url = new URL(asked.get("url").getAsString());
            if (asked.get("method").getAsString().equals("POST")) {
                URL bare = new URL(url.getProtocol(), url.getHost(), url.getPort(), url.getPath());
                WebRequest request = new WebRequest(bare, HttpMethod.POST);
                request.setAdditionalHeader("Content-Type", "application/x-www-form-urlencoded");
                request.setRequestBody(url.getQuery());
                driver.client().getPage(request);
            } else {
                driver.get(url.toString());
            }
            for (JsonElement each : asked.getAsJsonArray("tasks")) {
                JsonObject task = each.getAsJsonObject();
                pages.add(driver.getCurrentUrl());
                if (!matches(task.has("match") ? task.get("match").getAsString() : "*", driver.getCurrentUrl())) {
                    if (task.has("optional") && task.get("optional").getAsBoolean()) {
                        continue;
                    }
                    throw new IllegalStateException(task.get("task") + " is not for " + driver.getCurrentUrl());
                }
                if (task.has("commands")) {
                    for (JsonElement command : task.getAsJsonArray("commands")) {
                        obey(driver, command.getAsJsonArray(), told);
                    }
                }
            }
        } catch (Exception | Error problem) {
            told.addProperty("problem", String.valueOf(problem.getMessage()));
        }
        try {
            told.addProperty("url", driver.getCurrentUrl());
            told.addProperty("text", driver.getPageSource());
            told.addProperty("status", driver.client().getCurrentWindow().getEnclosedPage().getWebResponse().getStatusCode());
        } catch (Exception problem) {
            told.addProperty("afterwards", String.valueOf(problem));
        }
        driver.quit();
        return told;
    }

    private static boolean matches(String pattern, String url) {
        return Pattern.matches(("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E"), url);
    }

    private static void obey(Driver driver, JsonArray command, JsonObject told) {
        String verb = command.get(0).getAsString();
        By where = by(command.get(1).getAsString(), command.get(2).getAsString());
        boolean optional = command.get(command.size() - 1).getAsJsonPrimitive().isString()
            && command.get(command.size() - 1).getAsString().equals("optional");
        if (optional && driver.findElements(where).isEmpty()) {
            return;
        }
        if (verb.equals("click")) {
            driver.findElement(where).click();
        } else if (verb.equals("text")) {
            WebElement box = driver.findElement(where);
            box.clear();
            box.sendKeys(command.get(3).getAsString());
        } else if (verb.equals("wait")) {
            WebDriverWait wait = new WebDriverWait(driver, Duration.ofSeconds(command.get(3).getAsInt()), Duration.ofMillis(100));
            if (command.get(1).getAsString().equals("contains")) {
                wait.until(ExpectedConditions.urlContains(command.get(2).getAsString()));
            } else if (command.size() > 4) {
                wait.until(ExpectedConditions.textMatches(where, Pattern.compile(command.get(4).getAsString())));
                told.addProperty("placeholder", driver.getPageSource());
            } else {
                wait.until(ExpectedConditions.presenceOfElementLocated(where));
            }
        } else {
            throw new IllegalArgumentException("no command: " + verb);
        }
    }

    private static By by(String kind, String value) {
        switch (kind) {
            case "id": return By.id(value);
            case "name": return By.name(value);
            case "xpath": return By.xpath(value);
            case "css": return By.cssSelector(value);
            case "class": return By.className(value);
            default: return null;
        }
    }
}
