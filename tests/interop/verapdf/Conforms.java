import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;

/**
 * veraPDF, asked line by line: {@code FLAVOUR <tab> FILE}, flavours as 1b, 2b, 3a; the answer is {@code conforms}, or the
 * rules that are broken.
 */
public final class Conforms {
  private Conforms() {}

  public static void main(String[] words) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    var asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String answer;
      try {
        answer = answer(line.split("\t"));
      } catch (Exception refusal) {
        answer = "unreadable " + refusal;
      }
      System.out.println(answer.replaceAll("\\s+", " "));
      System.out.flush();
    }
  }

  private static String answer(String[] fields) throws Exception {
    var flavour = PDFAFlavour.fromString(fields[0]);
    var foundry = Foundries.defaultInstance();
    try (var file = new FileInputStream(fields[1]);
        var parser = foundry.createParser(file, flavour);
        var validator = foundry.createValidator(flavour, false)) {
      var result = validator.validate(parser);
      if (result.isCompliant()) {
        return "conforms";
      }
      return result.getTestAssertions().stream()
          .map(one -> one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + " " + one.getMessage())
          .distinct()
          .collect(Collectors.joining("; "));
    }
  }
}
